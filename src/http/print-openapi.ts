/** Prints `openapi/openapi.json` from the code: `npm run openapi`. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { documentText } from './document.ts'

writeFileSync(fileURLToPath(new URL('../../openapi/openapi.json', import.meta.url)), documentText())
