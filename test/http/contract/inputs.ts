/** Input that is none, with the places that a problem must point at. */
import type { Body } from '../host.ts'

export const good = { store: 'paris', orderId: 'order_open' }
const bytes = (...parts: readonly (string | number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'string' ? [...new TextEncoder().encode(part)] : part,
    ),
  )
export const padded = (size: number) =>
  `{"store":"paris","orderId":"order_nobody"${' '.repeat(size - 42)}}`

export const BODIES: readonly (readonly [string, Body, readonly string[]])[] = [
  ['nothing', '', ['']],
  ['white space', ' \n ', ['']],
  ['half an object', '{"orderId":', ['']],
  ['a comma too many', '{"orderId":"order_open",}', ['']],
  ['single quotes', "{'orderId':'order_open'}", ['']],
  ['a comment', '{"orderId":"order_open"/* */}', ['']],
  ['something behind it', '{"orderId":"order_open"}x', ['']],
  ['a raw control character', '{"orderId":"order_open","reason":"a\u0001"}', ['']],
  ['NaN', '{"orderId":NaN}', ['']],
  ['a form', 'orderId=order_open', ['']],
  ['a list', [good], ['']],
  ['a string', '"order_open"', ['']],
  ['null', 'null', ['']],
  ['a number', '1', ['']],
  ['deep nesting', `{"orderId":${'['.repeat(8000)}${']'.repeat(8000)}}`, ['']],
  ['open nesting', '['.repeat(16_000), ['']],
  ['nesting where text belongs', { ...good, reason: [[[[]]]] }, ['/reason']],
  [
    'bytes that are not UTF-8',
    bytes('{"orderId":"order_open","reason":"', [0xff, 0xfe], '"}'),
    [''],
  ],
  [
    'a cut-off UTF-8 sequence',
    bytes('{"orderId":"order_open","reason":"', [0xe2, 0x82], '"}'),
    [''],
  ],
  [
    'a surrogate in UTF-8',
    bytes('{"orderId":"order_open","reason":"', [0xed, 0xa0, 0x80], '"}'),
    [''],
  ],
  [
    'UTF-16',
    bytes([...'{"orderId":"x"}'].flatMap((letter) => [letter.charCodeAt(0), 0]) as never),
    [''],
  ],
  ['an unknown member', { ...good, restok: true }, ['/restok']],
  ['two unknown members', { ...good, a: 1, 'b/c~d': 2 }, ['/a', '/b~1c~0d']],
  ['an empty name', { ...good, '': 1 }, ['/']],
  ['another case', { store: 'paris', orderID: 'order_open' }, ['/orderID', '/orderId']],
  ['__proto__', '{"orderId":"order_open","__proto__":{"strict":true}}', ['/__proto__']],
  ['constructor', '{"orderId":"order_open","constructor":{}}', ['/constructor']],
  [
    'what only an answer has',
    { ...good, status: 'succeeded', id: 'can_x', via: 'reply' },
    ['/id', '/status', '/via'],
  ],
  [
    'a member twice',
    '{"store":"paris","orderId":"order_open","restock":false,"restock":true}',
    ['/restock'],
  ],
  ['a member twice, the same', '{"orderId":"order_open","orderId":"order_open"}', ['/orderId']],
  [
    'a member twice, once escaped',
    '{"orderId":"order_open","order\\u0049d":"order_paid"}',
    ['/orderId'],
  ],
  ['twice further in', '{"orderId":"order_open","x":[{"y":1,"y":2}]}', ['/x/0/y']],
  ['no orderId', { store: 'paris' }, ['/orderId']],
  ['orderId null', { ...good, orderId: null }, ['/orderId']],
  ['a number as orderId', { ...good, orderId: 17 }, ['/orderId']],
  ['orderId as a list', { ...good, orderId: ['order_open'] }, ['/orderId']],
  [
    'every flag a string',
    { ...good, notify: 'true', restock: 1, strict: 'false' },
    ['/notify', '/restock', '/strict'],
  ],
  ['an unknown reasonCode', { ...good, reasonCode: 'Customer' }, ['/reasonCode']],
  ['an unknown target', { ...good, target: 'refund' }, ['/target']],
  [
    'empty texts',
    { store: '', orderId: '', reason: '', reference: '', notify: true, message: '' },
    ['/message', '/orderId', '/reason', '/reference', '/store'],
  ],
  [
    'texts too long',
    {
      orderId: 'x'.repeat(129),
      reason: 'x'.repeat(501),
      reference: 'x'.repeat(129),
      notify: true,
      message: 'x'.repeat(1001),
    },
    ['/message', '/orderId', '/reason', '/reference'],
  ],
  [
    'lone surrogates',
    '{"orderId":"a\\ud800","reason":"\\udc00","reference":"\\ud83d\\ud83d",' +
      '"notify":true,"message":"\\ud800x"}',
    ['/message', '/orderId', '/reason', '/reference'],
  ],
  ['a message without notify', { ...good, message: 'Sorry' }, ['/message']],
  ['a message with notify false', { ...good, message: 'Sorry', notify: false }, ['/message']],
  ['a message with notify null', { ...good, message: 'Sorry', notify: null }, ['/message']],
]

export const ORDER_IDS = [
  '.',
  '..',
  '',
  ' ',
  'a b',
  'a\tb',
  'a\n',
  '\u0000',
  'a\u007f',
  'a\u0085b',
  'a\u00a0b',
  'a\u2028b',
  '\ufeffa',
  'a/b',
  '../x',
  'a\\b',
  'a?b',
  'a#b',
  'a%2fb',
  '\ud800',
  'x'.repeat(129),
]
export const KEYS = [
  '""',
  '"',
  '"a',
  'a"',
  '"a"b',
  '"a" "b"',
  '"a";q=1',
  'a b',
  '"a b"',
  'a, b',
  '"a", "b"',
  'x'.repeat(256),
  `"${'x'.repeat(256)}"`,
  'clé',
  '"\u0080"',
  '"a\\b"',
  'a\tb',
]
