import { ATTACHMENT_BYTES } from '../../src/protocol/envelope/attachment.js';
import { KIND, ROLE } from '../../src/protocol/envelope/envelope.js';
import { boxKey } from '../../src/protocol/crypto/keys.js';
import { newId, idToBytes, randomBytes, utf8 } from '../../src/protocol/encoding/bytes.js';
import { sealAttachment } from '../../src/protocol/envelope/seal-attachment.js';
import { sealEnvelope } from '../../src/protocol/envelope/seal-envelope.js';
import { percentile, type Figure, type Plan } from './plan.js';
import type { Setting } from './setting.js';

const SEALS = 200;
const MILLISECONDS = 10;
const ATTACHMENTS = 10;
const ATTACHMENT_MILLISECONDS = 150;

/** Row 15: what a worker's device spends on sealing for three. Absolute, so of this machine only. */
export async function sealRows(_: Setting, plan: Plan): Promise<Figure[]> {
  const keys = [ROLE.receiver, ROLE.sender, ROLE.person].map((role) => ({
    role,
    publicKey: boxKey(randomBytes(32)).publicKey,
  }));
  const seal = (): number => {
    const start = performance.now();
    sealEnvelope({
      kind: KIND.handoff,
      referral: idToBytes(newId()),
      consent: randomBytes(32),
      recipients: keys,
      content: () => utf8('x'.repeat(3000)),
    });
    return performance.now() - start;
  };
  const rounds = Array.from({ length: plan.rounds }, () =>
    percentile(Array.from({ length: SEALS }, seal), 0.95),
  );
  const figure: Figure = {
    row: '15',
    what: 'seal for three, p95 ms',
    ratios: rounds,
    goal: { is: '≤', value: MILLISECONDS },
    note: `${SEALS} seals a round`,
  };
  return [figure, await attachmentFigure(plan)];
}

/** A file as large as they may be: sealed chunk by chunk, and hashed. */
async function attachmentFigure(plan: Plan): Promise<Figure> {
  const content = new Blob([new Uint8Array(ATTACHMENT_BYTES)]);
  const of = { referral: newId(), consent: randomBytes(32) };
  const rounds: number[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    const taken: number[] = [];
    for (let i = 0; i < ATTACHMENTS; i++) {
      const start = performance.now();
      await sealAttachment(of, content, 'application/octet-stream');
      taken.push(performance.now() - start);
    }
    rounds.push(percentile(taken, 0.95));
  }
  return {
    row: '15',
    what: 'seal an attachment of 10 MiB, p95 ms',
    ratios: rounds,
    goal: { is: '≤', value: ATTACHMENT_MILLISECONDS },
    note: `${ATTACHMENTS} attachments a round`,
  };
}
