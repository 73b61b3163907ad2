/** Four eyes at the console: who sees what waits, what it would do now, and what is pressed. */
import { describe, expect, it } from 'vitest'
import type { CallerConfig } from '../../src/config/configuration.ts'
import { callerOf, openFixture } from './fixture.ts'

const opened = async () => {
  const intern = await callerOf('intern', 'rsk_intern', ['read', 'cancel', 'approve'])
  const callers: CallerConfig[] = [
    { ...intern, approval: 'required' },
    await callerOf('boss', 'rsk_boss', ['read', 'cancel', 'approve']),
    await callerOf('seer', 'rsk_seer', ['read']),
  ]
  const fixture = openFixture({ callers })
  const [own, boss, seer] = [
    await fixture.enter('rsk_intern'),
    await fixture.enter('rsk_boss'),
    await fixture.enter('rsk_seer'),
  ]
  const { press } = await fixture.cancel({ reason: 'Wrong size' }, own)
  const { location } = await press()
  const at = location ?? ''
  const id = at.split('/').at(-1) ?? ''
  // The page of the cancel waits until somebody is asked.
  await fixture.ask(at, { cookie: boss })
  const status = async () => (await fixture.gateway.get(id)).status
  return { ...fixture, own, boss, seer, at, id, status }
}

describe('what waits for approval', () => {
  it('is shown under “Needs you” to who may approve it, and to nobody else', async () => {
    const { ask, own, boss, seer, at } = await opened()
    const page = (await ask('/console', { cookie: boss })).text
    expect(page).toContain('Waits for your approval')
    expect(page).toContain(`href="${at}"`)
    expect(page).toMatch(/asked by <bdi>intern<\/bdi>/)
    for (const cookie of [own, seer]) {
      const { text } = await ask('/console', { cookie })
      expect(text).toContain('Nothing needs you.')
      expect(text).toContain('Waits for approval')
    }
  })

  it('shows what it would do now, with both buttons, to who may press them', async () => {
    const { ask, own, boss, seer, at } = await opened()
    const page = (await ask(at, { cookie: boss })).text.replaceAll(/\s+/g, ' ')
    expect(page).toContain('Waits for your approval')
    expect(page).toContain('What would happen')
    expect(page).toMatch(/Approve: cancels order <bdi>[^<]+<\/bdi>, [^<]*refunds/)
    expect(page).toContain('>Decline</button>')
    expect(page).toContain('<bdi>Wrong size</bdi>')
    expect(page).not.toContain('Withdraw this request')
    for (const [cookie, withdraws] of [
      [own, true],
      [seer, false],
    ] as const) {
      const text = (await ask(at, { cookie })).text.replaceAll(/\s+/g, ' ')
      expect(text).toContain('must do so before anything is sent')
      expect(text).not.toContain('>Decline</button>')
      expect(text).not.toContain('/approve"')
      expect(text.includes('Withdraw this request')).toBe(withdraws)
    }
  })

  it('is approved, with or without a note, and the story says by whom', async () => {
    const { ask, boss, at, id, gateway } = await opened()
    const pressed = await ask(`${at}/approve`, { form: { note: ' fine by me ' }, cookie: boss })
    expect([pressed.status, pressed.location]).toEqual([303, at])
    expect((await gateway.wait(id, 5_000)).status).toBe('succeeded')
    const page = (await ask(at, { cookie: boss })).text.replaceAll(/\s+/g, ' ')
    expect(page).toContain('<strong>approved</strong><span class="what">“<bdi>fine by me</bdi>”')
    expect(page).not.toContain('Waits for your approval')
    const again = await ask(`${at}/approve`, { form: {}, cookie: boss })
    expect([again.status, again.text.includes('Only what waits for approval can be')]).toEqual([
      409,
      true,
    ])
  })

  it('is declined, but not without a reason', async () => {
    const { ask, boss, at, status } = await opened()
    for (const note of ['', '   ', 'x'.repeat(1_001)])
      expect((await ask(`${at}/decline`, { form: { note }, cookie: boss })).status).toBe(400)
    expect(await status()).toBe('accepted')
    const pressed = await ask(`${at}/decline`, { form: { note: 'too late' }, cookie: boss })
    expect([pressed.status, await status()]).toEqual([303, 'rejected'])
    const page = (await ask(at, { cookie: boss })).text
    expect(page).toContain('Somebody declined it before anything was sent.')
    expect(page).toContain('too late')
  })

  it('is not pressed by who asked, or has no scope for it', async () => {
    const { ask, own, seer, at, status } = await opened()
    for (const cookie of [own, seer])
      for (const deed of ['approve', 'decline'])
        expect((await ask(`${at}/${deed}`, { form: { note: 'x' }, cookie })).status).toBe(403)
    expect(await status()).toBe('accepted')
  })

  it('offers no approval of what cannot be canceled any more, or not be read', async () => {
    const { ask, boss, at, gateway } = await opened()
    const other = await ask('/console/cancellations/can_nowhere/approve', {
      form: {},
      cookie: boss,
    })
    expect(other.status).toBe(404)
    const real = gateway.preview
    Object.assign(gateway, {
      preview: async (...asked: Parameters<typeof real>) => ({
        ...(await real(...asked)),
        cancelable: false,
        problem: { code: 'order-not-cancelable', detail: 'It is on its way.', acted: 'no' },
      }),
    })
    const page = (await ask(at, { cookie: boss })).text.replaceAll(/\s+/g, ' ')
    expect(page).toContain('As it is now, it cannot be canceled. It is on its way.')
    expect(page).not.toContain('/approve"')
    expect(page).toContain('>Decline</button>')
  })
})

describe('a preview of who must have it approved', () => {
  it('says so, and is of one order, also where that is linked with others', async () => {
    const { cancel, own, gateway } = await opened()
    const members = ['order_open', 'order_authorized'].map((orderId) => ({
      store: 'sandbox-medusa',
      orderId,
      stage: 1,
      notify: null,
      message: null,
      restock: null,
    }))
    await gateway.links?.put('SO-9', members, 'tell', 'boss')
    const { preview, press } = await cancel({ orderId: 'order_open' }, own)
    expect(preview.text).toContain('somebody else must approve it first')
    expect(preview.text).not.toContain('1 linked order')
    const { status, location } = await press()
    expect(status).toBe(303)
    const record = await gateway.get(location?.split('/').at(-1) ?? '')
    expect(record).toMatchObject({
      request: { orderId: 'order_open', linked: 'none' },
      approval: { state: 'awaited' },
    })
  })
})
