// Writes docs/errors.md from what the built server serves at /problems; with --check only says whether the
// committed one is still true.
import { ERROR_CODES, titleOf } from '../dist/src/server/common/errors/index.js';
import { REMEDIES } from '../dist/src/server/problems/remedies.js';
import { writeOrCheck } from './made.js';

const FILE = new URL('../docs/errors.md', import.meta.url);
const HEAD = `# Errors

Every code that a server answers with: \`type\` is \`/problems/‹code›\`, where a running server shows the same cause and remedy in French, Dutch and English. What the members of an answer say: [Errors](protocol/http.md#errors). The agent's own codes: [The agent](protocol/partner-app.md#the-agent).

This page is made from the code: \`npm run build && npm run errors\`.
`;

const section = (code) => {
  const { status, title } = titleOf(code);
  const { cause, remedy } = REMEDIES[code].en;
  return `## ${code}\n${status} · ${title}\n\n**Why.** ${cause}\n\n**What helps.** ${remedy}\n`;
};
const contents = `| code | status |\n|---|---|\n${ERROR_CODES.map((code) => `| [${code}](#${code}) | ${titleOf(code).status} |`).join('\n')}\n`;
const text = [HEAD, contents, ...ERROR_CODES.map(section)].join('\n');

writeOrCheck(FILE, text, 'npm run build && npm run errors');
