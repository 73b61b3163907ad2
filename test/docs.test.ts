/** What the pages for people claim in words is what adapters and catalogue say. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
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

  it('name the platforms where a doubtful cancel is sent again, and where it never is', () => {
    const page = read('docs/what-happens-when.md')
    const those = (...effects: string[]) =>
      adapters
        .filter(({ repeat }) => typeof repeat !== 'function' && effects.includes(repeat.effect))
        .map(({ name }) => name)
        .join(', ')
    expect(page).toContain(`refused or harmless (${those('refused', 'harmless')};`)
    expect(page).toContain(`elsewhere (${those('unknown')}) asks a person`)
    expect(page).toContain(`does harm (${those('harmful')};`)
    // Where versions differ, the settings say which it is.
    const varied = adapters.filter(({ repeat }) => typeof repeat === 'function')
    expect(varied.map(({ name }) => name)).toEqual(['Shopware'])
    const effectOf = (version?: string) => {
      const { repeat } = varied[0] ?? {}
      return typeof repeat === 'function' ? repeat({ version } as never).effect : null
    }
    expect([effectOf('6.7'), effectOf('6.6'), effectOf()]).toEqual([
      'harmless',
      'harmful',
      'harmful',
    ])
    expect(page).toContain('; Shopware where its settings say 6.7)')
    expect(page).toContain('; Shopware up to 6.6, and where the settings name no version)')
  })

  it('tell of each platform what a change of its version does', () => {
    for (const { id } of adapters) {
      const [, section = ''] = read(`adapters/${id}/README.md`).split(
        '\n## When the version changes\n',
      )
      expect(section.split('\n## ')[0]?.trim().length, id).toBeGreaterThan(150)
    }
  })

  it('name every topic to register at a platform, and say who can be asked what changed', () => {
    const page = read('docs/sync.md')
    const row = (table: RegExp, name: string) =>
      (table.exec(page)?.[0] ?? '')
        .split('\n')
        .find((line) => new RegExp(`^\\|[^|]*\\b${name}(?:,|[ \\d.to–]*\\|)`).test(line)) ?? ''
    // What the body says beside a topic is a part of its word there; ERPNext's body names no event.
    const registered = (id: string, words: readonly string[]) =>
      id === 'erpnext'
        ? ['on_cancel', 'on_update_after_submit']
        : words.map((word) => word.replace(/[:, ].*$/, ''))
    for (const { id, name, notices, sweep, mayReopen } of adapters) {
      const topics = row(/\| platform \| topics[\s\S]*?\n\n/, name)
      for (const topic of registered(id, Object.keys(notices?.topics ?? {})))
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
