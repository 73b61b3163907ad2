/** What errors of Adobe Commerce mean, and where that is written. Its texts may be translated. */
import type { ErrorRule, Said } from '../../src/adapter/index.ts'
import { CODE, DOCS } from './sources.ts'
import * as wire from './wire.ts'

const PROCESSOR = `${CODE}, Framework/Webapi/ErrorProcessor.php, maskException`
const OAUTH = `${CODE}, Framework/Oauth/Oauth.php`

/** Refusals of the business itself come as 200 `false`: wire.ts. */
export const errors: readonly ErrorRule[] = [
  {
    status: 401,
    means: 'credentials',
    source:
      `${DOCS}: 401; ${PROCESSOR}: a wrong token, a wrong signature, and a permission that is ` +
      'missing (Magento_Sales::cancel)',
  },
  {
    status: 400,
    message: /\btoken length is invalid\b|\boauth_|^signature method /i,
    means: 'credentials',
    source: `${OAUTH}: OauthInputException, which the web API answers with 400`,
  },
  {
    status: 404,
    message: /\bentity\b.{0,200}\bdoesn.t exist|\bno such entity\b/i,
    means: 'order_not_found',
    source:
      `${CODE}, Sales/Model/OrderRepository.php: NoSuchEntityException; ${PROCESSOR}: 404. ` +
      'Other texts under 404 are of an address or a store view that is not there',
  },
]

const filled = (message: string, parameters: wire.ErrorParameters): string =>
  message.replaceAll(/%(\w+)/g, (placeholder, name: string) => {
    const value: unknown = Array.isArray(parameters)
      ? parameters[Number(name) - 1]
      : parameters?.[name]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : placeholder
  })

export const readError = (body: unknown): Said => {
  const { data } = wire.ErrorReply.safeParse(body)
  return { code: null, message: data ? filled(data.message, data.parameters) : null }
}
