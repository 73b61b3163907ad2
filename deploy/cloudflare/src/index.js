// The gateway with its console. The API alone is 'rescind/worker'.
export { Account, default } from 'rescind/worker-console'
