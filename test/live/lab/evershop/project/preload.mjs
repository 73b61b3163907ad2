// Comes before everything in each process of the lab's EverShop, and keeps it on this machine: it
// listens on loopback alone, Stripe is the test's stand-in, and no other host is reached.
import http from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function listenOnLoopback(port, ...rest) {
  return listen.call(this, port, '127.0.0.1', ...rest)
}

https.request = (options, ...rest) => {
  const host = options.hostname ?? options.host
  const isStripe = host === 'api.stripe.com'
  const { agent: _, ...plain } = options
  const request = http.request(
    {
      ...plain,
      protocol: 'http:',
      hostname: '127.0.0.1',
      host: '127.0.0.1',
      // Nobody listens on port 1: what goes elsewhere is refused, as without a network.
      port: isStripe ? Number(process.env.LAB_STRIPE_PORT) : 1,
    },
    ...rest,
  )
  // Stripe's client writes once the connection is secure.
  request.on('socket', (socket) =>
    socket.once('connect', () => setImmediate(() => socket.emit('secureConnect'))),
  )
  return request
}
syncBuiltinESMExports()

// By itself a signal ends the server and leaves the two processes that it starts.
process.once('SIGTERM', () => process.exit(0))
const parent = process.ppid
setInterval(() => process.ppid !== parent && process.exit(0), 1_000).unref()
