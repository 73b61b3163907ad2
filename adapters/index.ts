/** The list of platforms: a new one adds one line. */
export { default as medusa } from './medusa/index.ts'
export { default as mercur } from './mercur/index.ts'
export { default as shopify } from './shopify/index.ts'
export { default as shoplazza } from './shoplazza/index.ts'
export { default as shopline } from './shopline/index.ts'
export { default as shoplineAsia } from './shopline-asia/index.ts'
export { default as tryton } from './tryton/index.ts'
export { default as wix } from './wix/index.ts'
