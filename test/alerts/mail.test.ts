/** Mails over a real SMTP server: with and without encryption and login, refusing, slow, broken. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { SMTPServerDataStream } from 'smtp-server'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Smtp } from '../../src/alerts/alert.ts'
import { openMailer } from '../../src/hosts/node/mail.ts'
import { digestOf } from '../../src/messages/digest.ts'
import { digestHtml, digestText } from '../../src/messages/digest-mail.ts'
import { CERTIFICATE } from './certificate.ts'
import { hostile } from './hostile.ts'
import { openSmtp, PASSWORD } from './smtp.ts'

const smtpAt = (port: number, over: Partial<Smtp> = {}): Smtp => ({
  host: 'localhost',
  port,
  secure: false,
  allowPlain: false,
  login: { user: 'rescind', password: PASSWORD },
  from: { name: 'Rescind', address: 'rescind@example.com' },
  ...over,
})

const mail = {
  to: ['ops@example.com', 'anna@example.com'],
  id: '01K.ops',
  at: Date.UTC(2026, 10, 21, 12),
  subject: '3 orders need you: 2 at acme-wix, 1 at paris',
  text: 'Three of them.\n',
  html: '<p>Three of them.</p>',
}

const send = (port: number, over: Partial<Smtp> = {}, timeoutMs = 5_000) =>
  openMailer(smtpAt(port, over), { ca: CERTIFICATE, timeoutMs }).send(mail)

describe('a server that takes mails', () => {
  it('gets one, encrypted by STARTTLS, after a login', async () => {
    const { got, port } = await openSmtp()
    expect(await send(port)).toEqual({ hasArrived: true, result: '250' })
    expect(got).toMatchObject([{ from: 'rescind@example.com', to: mail.to, secure: true }])
    const [{ raw = '' } = {}] = got
    expect(raw).toMatch(/^Subject: 3 orders need you: 2 at acme-wix, 1 at paris\r$/m)
    expect(raw).toMatch(/^Message-ID: <01K\.ops@example\.com>\r$/im)
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m)
    expect(raw).toMatch(/^Date: Sat, 21 Nov 2026 12:00:00 \+0000\r$/m)
    expect(raw).toMatch(/multipart\/alternative/)
  })
  it('gets one over TLS from the first byte', async () => {
    const { got, port } = await openSmtp({ secure: true })
    expect(await send(port, { secure: true })).toMatchObject({ hasArrived: true })
    expect(got).toMatchObject([{ secure: true }])
  })
  it('without encryption gets one only where that is allowed', async () => {
    const { got, port } = await openSmtp({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] })
    expect(await send(port)).toEqual({ hasArrived: false, result: expect.stringMatching(/^ETLS/) })
    expect(got).toEqual([])
    const plain = { allowPlain: true, login: null }
    expect(await send(port, plain)).toMatchObject({ hasArrived: true })
  })
  it('is not believed without a certificate that is', async () => {
    const { got, port } = await openSmtp({ secure: true })
    const mailer = openMailer(smtpAt(port, { secure: true }), { timeoutMs: 5_000 })
    expect(await mailer.send(mail)).toMatchObject({ hasArrived: false })
    expect(got).toEqual([])
  })
  it('takes what some of the addresses are refused for, and that is told', async () => {
    const { got, port } = await openSmtp({
      onRcptTo: ({ address }, _, done) =>
        address === 'anna@example.com'
          ? done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }))
          : done(),
    })
    expect(await send(port)).toEqual({ hasArrived: true, result: '250, 1 of 2 addresses refused' })
    expect(got[0]?.to).toEqual(['ops@example.com'])
  })
})

describe('verify', () => {
  it('connects and logs in, and sends nothing', async () => {
    const { got, port } = await openSmtp()
    const verify = (over: Partial<Smtp> = {}) =>
      openMailer(smtpAt(port, over), { ca: CERTIFICATE, timeoutMs: 5_000 }).verify()
    expect(await verify()).toEqual({ hasArrived: true, result: 'it takes the login' })
    expect(await verify({ login: null })).toEqual({ hasArrived: true, result: 'it answers' })
    expect(await verify({ login: { user: 'rescind', password: 'wrong' } })).toEqual({
      hasArrived: false,
      result: 'EAUTH 535',
    })
    expect(got).toEqual([])
  })
})

/** A server of nothing but lines. */
const openRaw = async (speak: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    speak(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  )
  return (server.address() as AddressInfo).port
}

const plain = { allowPlain: true, login: null }

describe('a server that fails', () => {
  it('refuses the login, the sender, every address or the message', async () => {
    const refusing = (status: number) => (_: unknown, __: unknown, done: (error: Error) => void) =>
      done(
        Object.assign(new Error(`refused ops@example.com with ${PASSWORD}`), {
          responseCode: status,
        }),
      )
    const results: string[] = []
    const wrong = await openSmtp()
    results.push((await send(wrong.port, { login: { user: 'rescind', password: 'no' } })).result)
    for (const options of [
      { onMailFrom: refusing(553) },
      { onRcptTo: refusing(550) },
      {
        onData: (stream: SMTPServerDataStream, _: unknown, done: (error: Error) => void) => {
          stream.resume()
          stream.on('end', () => refusing(552)(stream, _, done))
        },
      },
    ])
      results.push((await send((await openSmtp(options)).port)).result)
    expect(results).toEqual(['EAUTH 535', 'EENVELOPE 553', 'EENVELOPE 550', 'EMESSAGE 552'])
  })
  it('is not there', async () => {
    expect(await send(1)).toEqual({ hasArrived: false, result: 'ECONNREFUSED' })
  })
  it('never says a word: it is given up in time', async () => {
    const began = performance.now()
    expect(await send(await openRaw(() => {}), plain, 300)).toEqual({
      hasArrived: false,
      result: expect.stringMatching(/^(?:timeout|ETIMEDOUT)$/),
    })
    expect(performance.now() - began).toBeLessThan(4_000)
  })
  it('speaks byte by byte and never ends: it is given up in time, and its connection ended', async () => {
    let isClosed = false
    const port = await openRaw((socket) => {
      const dripping = setInterval(() => socket.write('2'), 20)
      socket.on('close', () => {
        clearInterval(dripping)
        isClosed = true
      })
    })
    expect(await send(port, plain, 300)).toMatchObject({ hasArrived: false })
    await expect.poll(() => isClosed).toBe(true)
  })
  it('drops the connection in the middle of the message', async () => {
    const port = await openRaw((socket) => {
      socket.write('220 here\r\n')
      socket.on('data', (data) => {
        const line = data.toString()
        if (line.startsWith('EHLO')) socket.write('250 here\r\n')
        else if (/^(?:MAIL|RCPT)/.test(line)) socket.write('250 yes\r\n')
        else if (line.startsWith('DATA')) socket.write('354 go on\r\n')
        else socket.destroy()
      })
    })
    const sent = await send(port, plain)
    expect(sent).toEqual({ hasArrived: false, result: expect.stringMatching(/^E[A-Z]+$/) })
  })
})

describe('what others wrote', () => {
  it('begins no header and is no HTML', async () => {
    const { got, port } = await openSmtp()
    const digest = digestOf(hostile)
    const base = 'https://rescind.example'
    await openMailer(smtpAt(port), { ca: CERTIFICATE }).send({
      ...mail,
      subject: digest.subject,
      text: digestText(digest, base),
      html: digestHtml(digest, base),
    })
    const [{ raw = '' } = {}] = got
    const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
    expect(got[0]?.to).toEqual(mail.to)
    expect(head).not.toMatch(/^(?:Bcc|X-Evil|To: evil)/im)
    expect(digestHtml(digest, base)).not.toMatch(/<(?:script|img|b>|a href="javascript)/i)
    expect(digestText(digest, base)).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
  })
})
