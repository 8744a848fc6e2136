import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkWebApp, followTrusted, MANIFEST_PATH, Transport } from '../client/index.js';
import { isolatedText } from '../protocol/encoding/plain-text.js';
import { parseTrust } from '../protocol/audit/input.js';
import { formatManifest, webAppFiles } from '../protocol/registry/web-manifest.js';
import { command, WrongUse } from './command.js';
import { readIfThere } from './files.js';
import { SAY } from './monitor/messages.js';
import { fill, MESSAGES } from '../client/audit/audit-messages.js';

const WEB = fileURLToPath(new URL('../../web/', import.meta.url));

/**
 * `relais monitor`: whether a server delivers the web app that organisations vouch for in the registry, and
 * says whether it is the one of this installation. Exit 0 vouched for, 1 not, 2 wrong use or a file that
 * cannot be read.
 */
export const monitorCommand = command('monitor', async ({ form, options, language }) => {
  const say = SAY[language];
  if (form === 'monitor manifest') {
    process.stdout.write(manifestOfInstallation());
    return 0;
  }
  const { server = '', trust: path = '' } = options;
  const trust = await readIfThere(path);
  if (!trust) throw new WrongUse(fill(MESSAGES[language].noTrust, { path }).replace(/\.$/, ''));
  const transport = new Transport(new URL(server).origin);
  const { vouchedBy, different } = await checkWebApp(
    transport,
    await followTrusted(transport, parseTrust(trust)),
  );
  const listed = new TextDecoder().decode(await transport.bytes(MANIFEST_PATH));
  const lines = [
    vouchedBy.length > 0
      ? fill(say.asVouched, { names: vouchedBy.map(isolatedText).join(', ') })
      : say.nobody,
    ...different.map((file) => fill(say.different, { path: isolatedText(file) })),
    ...(listed === manifestOfInstallation() ? [] : [say.notAsBuilt]),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return vouchedBy.length > 0 && different.length === 0 ? 0 : 1;
});

/** What this installation would deliver: built here, from the source that is here. */
function manifestOfInstallation(): string {
  const files = webAppFiles(readdirSync(`${WEB}assets`));
  return formatManifest(
    new Map(files.map(([path, file]) => [path, new Uint8Array(readFileSync(WEB + file))])),
  );
}
