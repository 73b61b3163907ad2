/** The programs that tests start share what Node compiled, which is half of what a start costs. */
import { fileURLToPath } from 'node:url'

/** For the environment of a program; https://nodejs.org/api/module.html#module-compile-cache. */
export const compileCache = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)),
}
