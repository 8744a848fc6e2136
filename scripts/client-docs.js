// Writes docs/client.md out of the docstrings of relais/client; with --check it only compares. Both refuse an
// export that says too little of itself, and an example that does not compile.
import { readFileSync } from 'node:fs';
import prettier from 'prettier';
import ts from 'typescript';
import { compile, INDEX, readGroups } from './client-exports.js';
import { writeOrCheck } from './made.js';

const FILE = new URL('../docs/client.md', import.meta.url);
const EXAMPLES = INDEX.replace('index.ts', 'examples.ts');
const MOST_LINES = 6;

/** What the examples take for granted. */
const GIVEN = `declare const device: Device, coordinator: Device, auditor: Device, observer: Device;
declare const state: DeviceState; // what the app has saved of a device
declare const save: (state: unknown) => Promise<void>; // the app writes it down, under lock
declare const show: (...shown: unknown[]) => void; // the app shows it to somebody
declare const transport: Transport, trust: TrustFile;
declare const service: string; // id of one's own service
declare const other: string; // id of another one
declare const referral: string; // id
declare const charter: Charter, profile: ServiceProfile, target: FoundService;
declare const consent: ConsentRecord, record: HandoffRecord, opened: OpenedReferral;
declare const code: string; // as somebody types it
declare const paperCode: string; // the organisation's
`;

const INTRO = `# relais/client

<!-- Made by npm run client-docs from src/client; change the docstrings there. -->

${readFileSync(INDEX, 'utf8')
  .split('*/')[0]
  .replace(/^\/\*\*|^ \* ?/gm, '')}
Every verb that speaks to the server can throw \`Problem\` (the server says no: act on its \`code\`) and \`Unreachable\` (ask
again: each act is safe to repeat); *throws* below names what is particular to it. \`Refused\` says by its \`check\` which check
of the protocol failed. Ids are lower-case 8-4-4-4-12, days \`YYYY-MM-DD\` in the charter's time zone, keys raw bytes.

The examples take this for granted:

\`\`\`ts
${GIVEN.replaceAll('declare ', '')}\`\`\`
`;

const exportsOf = (groups) => groups.flatMap((group) => group.exports);

/** What an export owes to whoever reads of it. */
function* faults(groups) {
  for (const { name, text, isVerb, isPromise, bare, throws, examples } of exportsOf(groups)) {
    if (text === '') yield `${name}: no sentence`;
    for (const member of bare) yield `${name}.${member}: no sentence`;
    if (isPromise && throws.length === 0) yield `${name}: no @throws`;
    if (isVerb && examples.length !== 1) yield `${name}: one @example`;
    if (examples.some((example) => example.split('\n').length > MOST_LINES))
      yield `${name}: example too long`;
  }
}

/** All examples in one file, each in a function of its own that is called as what it is an example of. */
function examplesFile(groups) {
  const all = exportsOf(groups);
  const names = all.map(({ name, signature, isVerb }) =>
    isVerb || signature.startsWith('const ') ? name : `type ${name}`,
  );
  const examples = all.flatMap(({ name, examples: [example] }) =>
    example === undefined ? [] : `export async function of${name}() {\n${example}\n}`,
  );
  return [`import { ${names.join(', ')} } from './index.js';`, GIVEN, ...examples].join('\n');
}

function* examplesThatFail(before, groups) {
  const program = compile({ name: EXAMPLES, text: examplesFile(groups) }, before);
  const file = program.getSourceFile(EXAMPLES);
  for (const { messageText, start } of [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ]) {
    const of = /of(\w+)\(\) \{[^]*?$/.exec(file.text.slice(0, start).split('export async function ').at(-1));
    yield `${of?.[1] ?? 'examples'}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  }
}

function markdown(groups) {
  const sections = groups.map(
    ({ title, text, exports }) => `## ${title}\n\n${text}\n${exports.map(one).join('\n')}`,
  );
  return `${INTRO}\n${sections.join('\n')}`;
}

function one({ name, signature, text, throws, examples }) {
  const code = (source) => (source ? `\n\`\`\`ts\n${source}\n\`\`\`\n` : '');
  const thrown = throws.map((sentence) => `\n*Throws* ${sentence.replaceAll('\n', ' ')}\n`).join('');
  return `### ${name}\n${code(signature)}\n${text.replaceAll('\n', ' ')}\n${thrown}${code(examples[0])}`;
}

const program = compile();
const groups = readGroups(program);
const wrong = [...faults(groups), ...examplesThatFail(program, groups)];
const options = await prettier.resolveConfig(FILE);
const made = await prettier.format(markdown(groups), { ...options, parser: 'markdown' });
writeOrCheck(FILE, made, 'npm run client-docs');
for (const line of wrong) process.stderr.write(`${line}\n`);
if (wrong.length > 0) process.exitCode = 1;
