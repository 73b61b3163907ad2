/**
 * What makes the console faster where scripts run; without it every page works all the same. At
 * most 6 KB, nothing from another host. Its one function is longer than 60 lines because its text
 * is what the browser gets: what it needs must stand inside it.
 */

/**
 * Runs in the browser as it stands: this function's text is the file, so that it is checked like
 * all other code.
 */
const browser = () => {
  const isField = (element: Element | null): boolean =>
    element !== null && /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)
  const said = document.getElementById('said')
  const region = () => document.getElementById('live')

  // Ages grow while nobody reloads.
  const units = [
    ['day', 864e5],
    ['hour', 36e5],
    ['minute', 6e4],
    ['second', 1e3],
  ] as const
  const words = new Intl.RelativeTimeFormat('en')
  const age = () => {
    for (const element of document.querySelectorAll<HTMLTimeElement>('time[title]')) {
      const ms = Date.parse(element.dateTime) - Date.now()
      const [unit, size] = units.find(([, size]) => Math.abs(ms) >= size) ?? units[3]
      element.textContent =
        Math.abs(ms) < 2e3 ? 'just now' : words.format(Math.trunc(ms / size), unit)
    }
  }
  setInterval(age, 5e3)

  /** Somebody is filling in a form: nothing is pulled away from under the hands. */
  const isBusy = () => {
    const place = region()
    const fields = place
      ? [
          ...place.querySelectorAll<HTMLInputElement & HTMLTextAreaElement>(
            'textarea,input:not([type=hidden])',
          ),
        ]
      : []
    return (
      (place?.contains(document.activeElement) && isField(document.activeElement)) ||
      fields.some((field) =>
        field.type === 'radio' || field.type === 'checkbox'
          ? field.checked !== field.defaultChecked
          : field.value !== field.defaultValue,
      )
    )
  }

  const replace = (text: string) => {
    const place = region()
    const next = new DOMParser().parseFromString(text, 'text/html').getElementById('live')
    if (!place || !next) return location.reload()
    const held = document.activeElement
    const focused = held && place.contains(held) ? held.id || held.getAttribute('href') : null
    const opened = [...place.querySelectorAll('details[open]')].map(({ id }) => id)
    place.replaceWith(next)
    const needs = document.getElementById('needs')
    if (needs) needs.textContent = next.dataset['needs'] ?? ''
    for (const id of opened) if (id) document.getElementById(id)?.setAttribute('open', '')
    if (focused)
      (
        document.getElementById(focused) ??
        next.querySelector<HTMLElement>(`[href="${CSS.escape(focused)}"]`)
      )?.focus()
    if (said && next.dataset['say'] && next.dataset['say'] !== place.dataset['say'])
      said.textContent = next.dataset['say']
  }

  const pause = (ms: number) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms)
    })
  const follow = async () => {
    for (let failures = 0; ;) {
      const mark = region()?.dataset['mark']
      if (!mark) return
      if (document.hidden || isBusy()) {
        await pause(1e3)
        continue
      }
      try {
        const answer = await fetch(location.href, {
          headers: { 'rescind-live': mark },
          redirect: 'manual',
          // A cache lets nobody at a page that is being fetched: this very page in another tab.
          cache: 'no-store',
        })
        if (answer.type === 'opaqueredirect') return location.reload()
        if (answer.status === 200) {
          const text = await answer.text()
          while (isBusy()) await pause(1e3)
          replace(text)
        }
        if (answer.status >= 400) throw new Error('not now')
        failures = 0
      } catch {
        if (said && failures === 1)
          said.textContent = 'The gateway does not answer; this page may be old.'
        await pause(Math.min(3e4, 1e3 * 2 ** failures++))
      }
    }
  }
  void follow()

  // A second press of the same button does nothing more.
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    if (form.dataset['sent']) event.preventDefault()
    if (form.method === 'post') form.dataset['sent'] = '1'
  })
  addEventListener('pageshow', () => {
    for (const form of document.forms) delete form.dataset['sent']
  })

  // A file may be dropped where it is chosen; beside it, the browser would open it and leave.
  const drop = (event: DragEvent) => {
    const zone = document.querySelector('[data-drop]')
    const field = zone?.querySelector('input')
    const data = event.dataTransfer
    if (!zone || !field || !data?.types.includes('Files')) return
    event.preventDefault()
    const isHere = zone.contains(event.target as Node)
    zone.classList.toggle('is-over', isHere && event.type === 'dragover')
    const [file] = data.files
    if (!isHere || event.type !== 'drop' || !file) return
    const one = new DataTransfer()
    one.items.add(file)
    field.files = one.files
  }
  for (const name of ['dragover', 'dragleave', 'drop'] as const)
    document.addEventListener(name, drop)

  let lead = 0
  const go: Record<string, string> = {
    n: '',
    c: '/cancellations',
    b: '/batches',
    l: '/links',
    s: '/stores',
    w: '/webhooks',
    a: '/audit',
  }
  const step = (by: number) => {
    const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')].filter((row) =>
      row.checkVisibility(),
    )
    const at = rows.indexOf(document.activeElement as HTMLElement)
    rows[
      Math.max(0, Math.min(rows.length - 1, at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by))
    ]?.focus()
  }
  document.addEventListener('keydown', (event) => {
    if (
      !('keys' in document.documentElement.dataset) ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.isComposing
    )
      return
    if (isField(document.activeElement)) {
      if (event.key === 'Escape') (document.activeElement as HTMLElement).blur()
      return
    }
    const target = go[event.key]
    if (lead > Date.now() - 1500 && target !== undefined) location.href = `/console${target}`
    lead = event.key === 'g' ? Date.now() : 0
    if (event.key === 'j' || event.key === 'k') step(event.key === 'j' ? 1 : -1)
    if (event.key === '/') document.getElementById('find')?.focus()
    if (event.key === '?') {
      const list = document.getElementById('keys') as HTMLDetailsElement | null
      if (list) {
        list.open = !list.open
        list.querySelector('summary')?.focus()
      }
    }
    if (event.key === '/' || event.key === '?') event.preventDefault()
  })
}

/** Without comments and the room that types left. */
export const SCRIPT = `(${browser.toString()})()`
  .replaceAll(/^ *(\/\/|\/\*\*).*$/gm, '')
  .replaceAll(/ {2,}/g, ' ')
  .replaceAll(/\n\s*/g, '\n')
