import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { defaultCharter } from '../../src/protocol/registry/charter.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import { SendDto } from '../../src/server/referrals/sending/send.dto.js';
import { verifySend } from '../../src/server/referrals/sending/send.rules.js';
import { readVectors } from '../support/log/vectors.js';

const example = readVectors('../../src/server/referrals/examples/send.json') as Pick<SendDto, keyof SendDto>;
const { trust, entries } = readVectors('registry.json') as {
  trust: { network: string; roots: string[] };
  entries: { jws: string }[];
};
const { logs } = readVectors('log.json') as { logs: { consent: { log: string } } };

/** The registry as it was when the vectors' handoff was sent: nothing revoked yet. */
const registry = followRegistry(
  emptyRegistry(trust),
  entries.slice(0, 9).map(({ jws }) => jws),
);
const charter = { ...defaultCharter('Example', []), notices: { 'refer@3': {} } };
const context = { log: logs.consent.log, registry, charter, today: '2026-11-23' };

describe('the example of the send request', () => {
  const send = plainToInstance(SendDto, example);

  it('is complete, and a send that the server takes', () => {
    expect(validateSync(send, { whitelist: true, forbidNonWhitelisted: true })).toEqual([]);
    expect(verifySend(send, context).chain.state).toBe('released');
  });

  it.each([
    ['another day', { today: '2027-01-31' }, 'statement_invalid'],
    ['a charter without its purpose', { charter: { ...charter, purposes: [] } }, 'consent_mismatch'],
    ['a charter without its notice', { charter: { ...charter, notices: {} } }, 'consent_mismatch'],
    ['another log', { log: 'relais-elsewhere/consent' }, 'statement_invalid'],
    [
      'a registry in which its keys were revoked',
      {
        registry: followRegistry(
          emptyRegistry(trust),
          entries.map(({ jws }) => jws),
        ),
      },
      'key_not_current',
    ],
  ])('is refused with %s', (_, other, code) => {
    expect(() => verifySend(send, { ...context, ...other })).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['another referral', { referral: '00000000-0000-0000-0000-000000000000' }, 'statement_invalid'],
    ['two wraps changed over', { wraps: example.wraps.toReversed() }, 'consent_mismatch'],
    ['a wrap less', { wraps: example.wraps.slice(1) }, 'consent_mismatch'],
    ['another body', { body: `${example.body.slice(0, -4)}AAAA` }, 'consent_mismatch'],
    [
      'another key of the person',
      { person: Object.assign({}, example.person, { box: 'A'.repeat(1622) }) },
      'consent_mismatch',
    ],
    ['the release before the consent', { statements: example.statements.toReversed() }, 'statement_invalid'],
  ])('is refused with %s', (_, other, code) => {
    expect(() => verifySend(plainToInstance(SendDto, { ...example, ...other }), context)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
