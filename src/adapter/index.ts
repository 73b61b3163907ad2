/** What an adapter is written with. Adapters import this, and nothing else of the project. */
export * from './contract.ts'
export { assertRising, otherThanAsked, wholeSeconds, within } from './changes.ts'
export { CallFailure, failureOf } from './failure.ts'
export {
  inBody,
  inHeader,
  type NoticeReader,
  type Notices,
  namesShop,
  standardNotices,
} from './notices.ts'
export { baseString, oauthHeader, once } from './oauth1.ts'
export { path, type Path } from './path.ts'
export type { CreateSandbox, Example, Sandbox } from './sandbox.ts'
export { createOrderBook, pageSize, pause, readJson, recordDeeds } from './sandbox-kit.ts'
export {
  common,
  isSafeBase,
  secret,
  standardWebhookSecrets,
  webhookPublicKeys,
} from './settings.ts'
export type { Platform } from './platform.ts'
export type { Capabilities, Capability } from '../model/capability.ts'
export type { Fact, Facts } from '../model/effect.ts'
export { currencyOf, isPositive, minus, type Money, money, sum } from '../model/money.ts'
export type {
  FulfillmentStatus,
  Line,
  Order,
  OrderStatus,
  PaymentStatus,
  Totals,
} from '../model/order.ts'
export type { Cause } from '../model/problem.ts'
export { type CancelRequest, reasonText } from '../model/request.ts'
export { fitted, sameText } from '../model/text.ts'
export { instant } from '../model/time.ts'
export * as tolerant from './tolerant.ts'
export { inPlainWords } from './wording.ts'
