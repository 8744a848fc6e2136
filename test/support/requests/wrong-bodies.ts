/** In everything that is sent, and in nothing that is answered or written. */
export const CANARY = 'zq-canary';
/** Bodies that a parser might repair, overlook, or fall over. */
export const BODIES: readonly (readonly [string, string | Uint8Array<ArrayBuffer>])[] = [
  ['no JSON', CANARY],
  ['nothing', ''],
  ['an empty object', '{}'],
  ['null', 'null'],
  ['a list', `["${CANARY}"]`],
  ['a number', '1e300'],
  ['a NUL', `{"${CANARY}":"a\u0000"}`],
  ['an escaped NUL', `{"${CANARY}":"\\u0000"}`],
  ['a lone surrogate', `{"${CANARY}":"\\ud800"}`],
  ['bad UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['a byte order mark', '\ufeff{}'],
  ['duplicate members', `{"a":"${CANARY}","a":"${CANARY}"}`],
  ['duplicate members by escapes', '{"event":"accept","\\u0065vent":"decline"}'],
  ['__proto__', `{"__proto__":{"event":"${CANARY}"}}`],
  ['constructor', `{"constructor":{"prototype":{"event":"${CANARY}"}}}`],
  ['depth 5 000', `${'['.repeat(5000)}${']'.repeat(5000)}`],
  ['objects of depth 5 000', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`],
];

/** Texts of JSON values, each put in the place of every member of a body that is right. */
const VALUES = [
  'null',
  'true',
  '0',
  '-1',
  '2147483648',
  '9007199254740993',
  '1e300',
  '0.5',
  '""',
  `"${CANARY}"`,
  `"${CANARY}\\u0000"`,
  '"\\ud800"',
  '"\u202e"',
  '"00000000-0000-0000-0000-000000000000"',
  `"${'A'.repeat(90_000)}"`,
  '"AAAA.AAAA.AAAA"',
  `["${CANARY}"]`,
  '[null]',
  '[[[]]]',
  '{}',
  `{"${CANARY}":1}`,
  `{"length":1,"0":"${CANARY}"}`,
  '{"toString":1}',
];

/** A good body with one thing wrong, in every place and every way. */
export function changesOf(good: string): [string, string][] {
  const body = JSON.parse(good) as Record<string, unknown>;
  const unknown = [CANARY, 'hasOwnProperty', '__lookupGetter__'];
  const changes = unknown.map((name): [string, string] => [
    `the unknown member ${name}`,
    put(body, name, '1'),
  ]);
  for (const [name, value] of Object.entries(body)) {
    const isLike = (text: string): boolean => text !== 'null' && typeof value === typeof JSON.parse(text);
    const isWrong = (text: string): boolean =>
      typeof value === 'string' || Array.isArray(value) || !isLike(text);
    for (const text of VALUES.filter(isWrong))
      changes.push([`${name}: ${text.slice(0, 40)}`, put(body, name, text)]);
    changes.push([`${name} twice`, good.replace('{', `{${JSON.stringify(name)}:${JSON.stringify(value)},`)]);
    const { [name]: _, ...others } = body;
    if (name !== 'invitation') changes.push([`no ${name}`, JSON.stringify(others)]);
    for (const [inner, text] of innerChanges(value))
      changes.push([`${name}.${inner}`, put(body, name, text)]);
  }
  return changes;
}

function innerChanges(value: unknown): [string, string][] {
  if (Array.isArray(value)) {
    const items = value as unknown[];
    const first = innerChanges(items[0]);
    return first.map(([name, text]) => [
      `0.${name}`,
      `[${[text, ...items.slice(1).map((each) => JSON.stringify(each))].join()}]`,
    ]);
  }
  return typeof value === 'object' && value !== null ? changesOf(JSON.stringify(value)) : [];
}

/** JSON text in which a member has this text as its value. */
function put(body: Record<string, unknown>, name: string, text: string): string {
  const members = Object.entries({ ...body, [name]: null }).map(
    ([each, value]) => `${JSON.stringify(each)}:${each === name ? text : JSON.stringify(value)}`,
  );
  return `{${members.join()}}`;
}
