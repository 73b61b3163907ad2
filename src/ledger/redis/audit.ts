/** The audit log in Redis: numbered and written by the scripts that it tells of. */
import { canonicalJson, type Noted } from '../../model/audit.ts'
import { type AuditLine, type AuditShelf, NO_SEAL } from '../audit.ts'
import type { RedisDeps } from './connection.ts'
import { COMMON, type Scripts } from './prelude.ts'

/** Writes an entry; nothing where its text is empty. It decodes nothing, so it cannot fail. */
export const NOTE = `
local function note(text)
  if text == '' then return end
  local seq = string.format('%.0f', call('INCR', p .. 'audit:last'))
  call('ZADD', p .. 'audit', seq, seq .. ' ' .. text)
end
`

const appendLua = `${COMMON}${NOTE}
for _, text in ipairs(ARGV) do note(text) end
return 1
`

/** Entries with their hashes, "previous hash"; empty where they are not sealed. */
const linesLua = `${COMMON}
local order, from, limit = unpack(ARGV)
local found
if order == 'asc' then
  found = call('ZRANGEBYSCORE', p .. 'audit', '(' .. from, '+inf', 'LIMIT', 0, limit)
else
  found = call('ZREVRANGEBYSCORE', p .. 'audit', '(' .. from, '-inf', 'LIMIT', 0, limit)
end
local lines = {}
for _, text in ipairs(found) do
  lines[#lines + 1] = text
  lines[#lines + 1] = call('HGET', p .. 'audit:hashes', text:match('^%d+')) or ''
end
return lines
`

const sealLua = `${COMMON}
local after, hash = ARGV[1], ARGV[2]
if (call('HGET', p .. 'audit:seal', 'seq') or '0') ~= after then return 0 end
local seq = tonumber(after)
for i = 3, #ARGV do
  seq = seq + 1
  call('HSET', p .. 'audit:hashes', string.format('%.0f', seq), hash .. ' ' .. ARGV[i])
  hash = ARGV[i]
end
call('HSET', p .. 'audit:seal', 'seq', string.format('%.0f', seq), 'hash', hash)
return 1
`

/** From the beginning on, so that what is left is one piece whatever the clocks said. */
const trimLua = `${COMMON}
local sealed = tonumber(call('HGET', p .. 'audit:seal', 'seq') or 0)
local gone = {}
for _, text in ipairs(call('ZRANGE', p .. 'audit', 0, 49)) do
  local seq, body = text:match('^(%d+) (.*)$')
  if tonumber(seq) > sealed or cjson.decode(body).at > tonumber(ARGV[1]) then break end
  gone[#gone + 1] = { seq, text }
end
for _, one in ipairs(gone) do
  call('ZREM', p .. 'audit', one[2])
  call('HDEL', p .. 'audit:hashes', one[1])
end
return #gone
`

export const AUDIT_SCRIPTS: Scripts = {
  'audit-append': appendLua,
  'audit-lines': linesLua,
  'audit-seal': sealLua,
  'audit-trim': trimLua,
}

/** An entry as scripts take it. */
export const noteField = (noted: Noted | undefined): string => (noted ? canonicalJson(noted) : '')

const toLines = (found: readonly string[]): AuditLine[] =>
  found.flatMap((text, index) => {
    if (index % 2 === 1) return []
    const at = text.indexOf(' ')
    const [previous = null, hash = null] = found[index + 1]?.split(' ').filter(Boolean) ?? []
    return [
      {
        seq: Number(text.slice(0, at)),
        noted: JSON.parse(text.slice(at + 1)) as Noted,
        previous,
        hash,
      },
    ]
  })

/** Opens the log of a connected ledger. */
export const openRedisAudit = ({ run, redis, prefix, withServer }: RedisDeps): AuditShelf => ({
  async append(noted) {
    if (noted.length > 0) await run('audit-append', ...noted.map(noteField))
  },
  lines: async (from, order, limit) =>
    toLines((await run('audit-lines', order, from, limit)) as string[]),
  async sealed() {
    const [seq, hash] = await withServer(() => redis.hmget(`${prefix}audit:seal`, 'seq', 'hash'))
    return seq && hash ? { seq: Number(seq), hash } : NO_SEAL
  },
  async seal({ seq, hash }, hashes) {
    await run('audit-seal', seq, hash, ...hashes)
  },
  trim: async (until) => Number(await run('audit-trim', until)),
})
