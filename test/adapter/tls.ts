/** A server whose certificate nobody should accept, counting what is asked of it all the same. */
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'

const pem = (name: string, base64: string) =>
  `-----BEGIN ${name}-----\n${base64}\n-----END ${name}-----\n`
/** Of this test and of nothing else. */
const KEY = pem(
  'EC PRIVATE KEY',
  'MHcCAQEEIKCqodB9gWyduY0iFQHvD6beI82RzRgzRG+8PipyCJUjoAoGCCqGSM49AwEHoUQDQgAEOm2Ha5rdzUar' +
    'lSA1QBbXC0lq75CTFm77v/0gQmTfpsvVDJv3oR0pFLHRZOzrxc51XKfutUCKDTaVlwnx+bYEFQ==',
)
/** For 127.0.0.1, signed by themselves from 2020-01-01 on. */
const CERTIFICATES = {
  CERT_HAS_EXPIRED: // 2021-01-01
    'MIIBDzCBtgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwHhcNMjAwMTAxMDAwMDAwWhcNMjEw' +
    'MTAxMDAwMDAwWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ6bYdrmt3N' +
    'RquVIDVAFtcLSWrvkJMWbvu//SBCZN+my9UMm/ehHSkUsdFk7OvFznVcp+61QIoNNpWXCfH5tgQVMAoGCCqGSM49' +
    'BAMCA0gAMEUCIQDX/AC4OUZ8uGrC/pJDxPlKf3dqXnEDk+XkdeshPEsT5wIgZhTVB0GWp1sM557inXNfZGWcW7XU' +
    '03oMLJb3F435xdQ=',
  DEPTH_ZERO_SELF_SIGNED_CERT: // 2099-12-31
    'MIIBEDCBuAIBAjAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwIBcNMjAwMTAxMDAwMDAwWhgPMjA5' +
    'OTEyMzEwMDAwMDBaMBQxEjAQBgNVBAMMCTEyNy4wLjAuMTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDpth2ua' +
    '3c1Gq5UgNUAW1wtJau+QkxZu+7/9IEJk36bL1Qyb96EdKRSx0WTs68XOdVyn7rVAig02lZcJ8fm2BBUwCgYIKoZI' +
    'zj0EAwIDRwAwRAIgZqKmpO/HkVKQ1yNGXIEyPSW3qd28A4oYl90ykjxGrzcCIHOkf0MKTZO4LEnSChBMOKD7pONc' +
    'rRKfGRs+i8NNC7Tz',
}

/** Named by the code that OpenSSL has for what is wrong with it. */
export const openTls = async (flaw: keyof typeof CERTIFICATES) => {
  let bytes = 0
  const server = createServer(
    { key: KEY, cert: pem('CERTIFICATE', CERTIFICATES[flaw]) },
    (socket) =>
      socket
        .on('error', () => {})
        .on('data', (chunk) => {
          bytes += chunk.length
        }),
  )
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => bytes,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
