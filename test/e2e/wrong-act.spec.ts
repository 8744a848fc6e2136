import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { act, getReferral } from '../../src/client/index.js';
import {
  givenReferral,
  givenSend,
  postAct,
  postSend,
  statementAfter,
  withdrawalOf,
} from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

describe('an act', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  const sent = async () => {
    const { laRuelle, clinique } = server.network;
    const { body, given, person } = await givenSend(server.network);
    await postSend(laRuelle.worker, body);
    const { sign: key } = await clinique.worker.epochOf(clinique.service);
    return { id: given.referral, texts: body.statements.map(({ jws }) => jws), given, person, key };
  };

  it('is not acknowledged by any other statement, though it is signed and in its place', async () => {
    const { id, texts, given, key } = await sent();
    const word = withdrawalOf(texts, given, key, { means: 'on-word', by: 'target' });
    const renewal = statementAfter(
      texts,
      given,
      { kind: 'consent.renewed', keepUntil: given.keepUntil },
      key,
    );
    for (const statement of [word, renewal]) {
      const attempt = postAct(server.network.clinique.worker, id, {
        event: 'acknowledge',
        statements: [statement],
      });
      await expect(attempt).rejects.toMatchObject({ code: 'statement_invalid' });
    }
    expect((await getReferral(server.network.laRuelle.worker, id)).status).toBe('requested');
  });

  it('on the person’s word is signed by the service, never the person’s own statement', async () => {
    const { id, texts, given, person } = await sent();
    const own = withdrawalOf(texts, given, person.sign);
    const attempt = postAct(server.network.clinique.worker, id, {
      event: 'withdraw-consent',
      statements: [own],
    });
    await expect(attempt).rejects.toMatchObject({ code: 'not_found' });
    expect((await getReferral(server.network.laRuelle.worker, id)).consentState).toBe('released');
  });

  it('after a withdrawal is told that the consent is gone', async () => {
    const { referral, receipt } = await givenReferral(server, 'accepted');
    await receipt.withdraw();
    for (const event of ['start', 'complete'] as const) {
      const outcome = event === 'complete' ? { outcome: 'service-provided' as const } : {};
      const attempt = act(server.network.clinique.worker, referral, { event, ...outcome });
      await expect(attempt).rejects.toMatchObject({ code: 'consent_inactive' });
    }
  });

  it('that completes keeps its outcome, for both services', async () => {
    const { referral } = await givenReferral(server, 'in-progress');
    const { laRuelle, clinique } = server.network;
    await act(clinique.worker, referral, { event: 'complete', outcome: 'admitted-or-enrolled' });
    for (const { worker } of [laRuelle, clinique])
      expect(await getReferral(worker, referral)).toMatchObject({
        status: 'completed',
        outcome: 'admitted-or-enrolled',
      });
  });
});
