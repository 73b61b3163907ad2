/** What the pages for people claim in words is what adapters and catalogue say. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { repeatInGeneral } from '../src/adapter/contract.ts'
import { PROBLEMS, type ProblemCode } from '../src/model/problem.ts'
import { platforms } from '../src/hosts/platforms.ts'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const adapters = platforms.map(({ adapter }) => adapter)
const pages = ['what-happens-when', 'faq', 'client', 'errors'].map(
  (name) => [name, read(`docs/${name}.md`)] as const,
)

describe('the pages for people', () => {
  it.each(pages)('%s: every status stands before its own code', (_, page) => {
    for (const [whole, status, code] of page.matchAll(/\b([45]\d\d) `([a-z]+(?:-[a-z]+)+)`/g))
      expect(PROBLEMS[code as ProblemCode]?.status, whole).toBe(Number(status))
  })

  it('say of goods and mails what each adapter can do', () => {
    const [, ...rows] =
      /\| platform \| money \|[\s\S]*?\n\n/
        .exec(read('docs/what-happens-when.md'))?.[0]
        .trim()
        .split('\n')
        .slice(1) ?? []
    const words = {
      goods: {
        choose: /^as you wish; no wish: no/,
        always: /^always go back/,
        unknown: /^cannot be told/,
        never: /^no way/,
      },
      mail: { choose: /^as you wish/, never: /^no way/, always: /./, unknown: /./ },
    }
    for (const { name, capabilities } of adapters) {
      const own = rows
        .map((row) => row.split('|').map((cell) => cell.trim()))
        .filter(([, platform]) => platform?.replace(/ [\d.–, ]+$/, '') === name)
      expect(own.length, name).toBeGreaterThan(0)
      for (const [, , , goods, mail] of own) {
        expect(goods, name).toMatch(words.goods[capabilities.restock.can])
        expect(mail, name).toMatch(words.mail[capabilities.notify.can])
      }
    }
  })

  it('name the platforms where a doubtful cancel is sent again, and every pace', () => {
    const again = adapters
      .filter((adapter) => ['refused', 'harmless'].includes(repeatInGeneral(adapter).effect))
      .map(({ name }) => name)
    expect(read('docs/what-happens-when.md')).toContain(`harmless (${again.join(', ')})`)
    const faq = read('docs/faq.md')
    for (const { name, pace } of adapters.filter(({ id }) => id !== 'medusa' && id !== 'mercur'))
      expect(faq).toMatch(new RegExp(`${name} ${pace.perSecond}\\b`))
    expect(
      adapters
        .filter(({ id }) => id === 'medusa' || id === 'mercur')
        .map(({ pace }) => pace.perSecond),
    ).toEqual([10, 10])
    for (const { name } of adapters) expect(faq).toContain(name)
  })

  it('name every topic to register at a platform, and say who can be asked what changed', () => {
    const page = read('docs/sync.md')
    const row = (table: RegExp, name: string) =>
      (table.exec(page)?.[0] ?? '')
        .split('\n')
        .find((line) => new RegExp(`^\\|[^|]*\\b${name}(?:,|\\s*\\|)`).test(line)) ?? ''
    for (const { name, notices, sweep, mayReopen } of adapters) {
      const topics = row(/\| platform \| topics[\s\S]*?\n\n/, name)
      for (const topic of Object.keys(notices?.topics ?? {}))
        expect(topics, name).toContain(`\`${topic}\``)
      const [, , asked = '', late = '', again = ''] = row(
        /\| platform \| asked[\s\S]*?\n\n/,
        name,
      ).split('|')
      expect(asked.trim() !== 'no' && asked !== '', name).toBe(sweep !== undefined)
      if (sweep) expect(late, name).toContain(`${sweep.overlapMs / 60_000} minutes`)
      const can = mayReopen?.can ?? 'unknown'
      expect(again.trim(), name).toMatch({ yes: /^yes/, no: /^no$/, unknown: /^not known/ }[can])
    }
  })
})
