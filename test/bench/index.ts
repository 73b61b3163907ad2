/**
 * `npm run bench`: what a cancel through the gateway costs; `npm run bench -- growth`: what a
 * ledger costs that holds a million.
 */
await import(process.argv[2] === 'growth' ? './growth.ts' : './bench.ts')
