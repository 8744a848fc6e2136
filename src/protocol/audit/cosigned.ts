import { equalBytes, utf8 } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';
import { openNote, type OpenedNote } from '../log/note.js';
import { parsePolicy, type Policy } from '../log/policy.js';
import { readFile, type LogCopy } from './read-log.js';
import type { TrustedLog } from './trusted-logs.js';

/**
 * Whether a log's `policy` is the one that the registry makes, and its checkpoint is cosigned by the quorum
 * of it, and by the one that the auditor wrote down earlier. `policyText` comes from the registry that was
 * just read.
 */
export async function verifyCosigned(copy: LogCopy, log: TrustedLog, policyText: string): Promise<void> {
  const [policyPath, notePath] = [`${log.directory}/policy`, `${log.directory}/checkpoint`];
  const published = await readFile(copy, policyPath);
  if (published)
    copy.findings.expect('policy', equalBytes(published, utf8(policyText)), policyPath, 'not-as-registered');
  const bytes = await copy.files.read(notePath);
  const policy = parsePolicy(policyText);
  if (!policy.isWitnessed) copy.findings.isUnwitnessed();
  const isOnPaper = policyText === log.pinnedText;
  if (bytes) verifyQuorum(copy, notePath, { bytes, policy, pinned: isOnPaper ? undefined : log.pinned });
}

interface Cosigned {
  readonly bytes: Uint8Array;
  readonly policy: Policy;
  readonly pinned: Policy | undefined;
}

function verifyQuorum({ findings }: LogCopy, path: string, { bytes, policy, pinned }: Cosigned): void {
  const note = findings.attempt('note', path, () => openWholeNote(bytes, policy));
  if (!note) findings.isUnwitnessed();
  if (!note) return;
  if (policy.isWitnessed) findings.expect('quorum', policy.isMet(note.signatures), path, 'too-few-witnesses');
  if (pinned) {
    const { signatures } = openNote(bytes, pinned.keys);
    findings.expect('quorum', pinned.isMet(signatures), path, 'too-few-trusted-witnesses');
  }
}

/**
 * A published checkpoint carries signatures by known keys only: a line that nobody can verify would be a
 * place where bytes change unseen.
 */
function openWholeNote(bytes: Uint8Array, policy: Policy): OpenedNote {
  const note = openNote(bytes, policy.keys);
  const lines = new TextDecoder().decode(bytes).slice(note.text.length).split('\n').length - 2;
  return lines === note.signatures.length ? note : refuse('unknown-signer');
}
