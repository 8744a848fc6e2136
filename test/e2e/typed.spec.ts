import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  uploadAttachment,
  findService,
  recordConsent,
  sealReferral,
  sendReferral,
} from '../../src/client/index.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { givenJoinedAgent, type TestAgent } from '../support/machines/agent.js';
import type { RawAnswer } from '../support/requests/caller.js';
import { givenPrincipals, type Principals } from '../support/network/principals.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** Names that every object has by itself. */
const NAMES = [...Object.getOwnPropertyNames(Object.prototype), 'prototype'];
const JSON_TYPE = { 'content-type': 'application/json' };

/** What people and programs write in more than one way. */
describe('what is typed', () => {
  let server: FoundedServer;
  let principals: Principals;
  let agent: TestAgent;

  beforeAll(async () => {
    server = await givenNetwork();
    principals = await givenPrincipals(server);
    agent = await givenJoinedAgent(server.address, server.network.laRuelle);
  });
  afterAll(async () => {
    await agent.stop();
    await server.stop();
  });

  const asCoordinator = (method: string, path: string, body?: object): Promise<RawAnswer> =>
    principals.coordinator.caller.send({
      method,
      path,
      headers: { 'idempotency-key': newId() },
      ...(body && { body: JSON.stringify(body) }),
    });

  it.each([
    '/v1/services?limit=',
    '/v1/referrals?box=inbox&limit=',
    '/hsds/services?per_page=',
    '/hsds/services?page=',
  ])('%s takes whole numbers alone', async (path) => {
    for (const good of ['1', '50'])
      expect([good, (await asCoordinator('GET', path + good)).status]).toEqual([good, 200]);
    const wrong = [
      '0x10',
      '1e1',
      '%205',
      '+5',
      '%2B5',
      '05',
      '5.0',
      '5%20',
      '1_0',
      '-1',
      '0',
      '',
      '٥',
      '5&limit=5',
      '%31%00',
    ];
    for (const bad of wrong)
      expect([bad, (await asCoordinator('GET', path + encodeURI(bad))).status]).toEqual([bad, 400]);
  });

  it('knows no parameter and no member by a name that every object has', async () => {
    const service = server.network.laRuelle.service;
    for (const name of NAMES) {
      const query = await asCoordinator('GET', `/v1/services?${name}=1`);
      expect([name, query.status]).toEqual([name, 400]);
      const member = `{"unit":"bed","available":1,${JSON.stringify(name)}:1}`;
      const body = await principals.coordinator.caller.send({
        method: 'POST',
        path: `/v1/services/${service}/capacity`,
        headers: { 'idempotency-key': newId() },
        body: member,
      });
      expect([name, body.status, body.text]).toEqual([name, 400, expect.stringContaining('input_invalid')]);
      const asked = { method: 'POST', path: `/services/${service}/capacity`, body: member };
      expect([name, (await agent.ask(asked)).status]).toEqual([name, 400]);
      expect([name, (await agent.ask({ path: `/figures?${name}=1` })).status]).toEqual([name, 400]);
    }
  });

  it('keeps a webhook’s address as it was written, or refuses it', async () => {
    const service = server.network.laRuelle.service;
    const kept = [
      'https://example.org',
      'https://example.org/',
      'https://example.org:8443/a%20b?c=d',
      'https://xn--caf-dma.example/',
    ];
    for (const url of kept)
      expect([url, (await asCoordinator('POST', '/v1/webhooks', { service, url })).status]).toEqual([
        url,
        201,
      ]);
    const listed = JSON.parse((await asCoordinator('GET', '/v1/webhooks')).text) as {
      items: { url: string }[];
    };
    expect(listed.items.map(({ url }) => url).sort()).toEqual([...kept].sort());
    for (const url of [
      'HTTPS://example.org/',
      'https://Example.org/',
      'https://example.org:443/',
      'https://example.org/a/../b',
      'https://example.org/./a',
      'https://example.org/a b',
      'https://café.example/',
      'https://example.org/é',
      ' https://example.org/',
      'https:\\\\example.org\\',
      'https:/example.org/',
      'https://example.org/\n',
      'https://0x7f.1/',
    ])
      expect([url, (await asCoordinator('POST', '/v1/webhooks', { service, url })).status]).toEqual([
        url,
        400,
      ]);
  });

  it('takes an empty body with the type of JSON where none is needed, and nowhere else', async () => {
    const { service } = server.network.clinique;
    const held = await agent.ask({ method: 'POST', path: `/services/${service}/holds`, headers: JSON_TYPE });
    expect([held.status, held.body]).toEqual([expect.not.stringMatching('x'), expect.anything()]);
    expect(held.body['type']).not.toBe('/problems/input_invalid');
    const free = [
      ['POST', `/drafts/${newId()}/send`],
      ['POST', `/referrals/${newId()}/open`],
      ['POST', `/referrals/${newId()}/withdrawal`],
      ['POST', '/invitations/certification'],
      ['DELETE', `/drafts/${newId()}`],
      ['DELETE', '/witness'],
      ['GET', '/services'],
      ['GET', '/tasks'],
    ] as const;
    for (const [method, path] of free) {
      const answer = await agent.ask({ method, path, headers: { ...JSON_TYPE, 'content-length': '0' } });
      expect([path, answer.body['type']]).not.toEqual([path, '/problems/input_invalid']);
    }
    for (const path of [
      '/join',
      '/drafts',
      '/services/search',
      '/holds/end',
      '/erasures',
      '/imports',
      '/coordinator',
    ]) {
      const answer = await agent.ask({ method: 'POST', path, headers: JSON_TYPE });
      expect([path, answer.status]).toEqual([path, 400]);
    }
  });

  it('imports a table by its bytes, through the agent, as it lies in the file', async () => {
    const body = {
      to: server.network.clinique.service,
      format: 'csv',
      mapping: { Nom: 'calledName', Motif: 'reason' },
    };
    const table = Buffer.from('Nom;Motif;;\r\nRen\xe9e;bless\xe9;;\r\nSam\0;pied;;\r\n', 'latin1');
    const imported = {
      method: 'POST',
      path: '/imports',
      body: { ...body, bytes: table.toString('base64url') },
    };
    expect((await agent.ask(imported)).body).toEqual({
      drafts: [{ row: 2, record: { calledName: 'Renée', reason: 'blessé' } }],
      problems: [{ row: 3, column: 'Nom', field: 'calledName', problem: 'characters' }],
    });
    const both = { ...imported, body: { ...imported.body, text: 'Nom\nSam' } };
    expect((await agent.ask(both)).status).toBe(400);
    expect((await agent.ask({ ...imported, body })).status).toBe(400);
  });

  it('sends a file of unknown type as plain bytes, and others in the one form of their type', async () => {
    const { worker, service: from } = server.network.laRuelle;
    const to = await findService(worker, server.network.clinique.service);
    const record = { calledName: 'Sam' };
    const consent = recordConsent(await worker.charter(), await worker.today(), {
      purpose: 'health-care',
      fields: ['calledName', 'attachments'],
      language: 'fr',
      modality: 'spoken',
      representation: 'none',
      alternativesOffered: [],
      teachBack: true,
    });
    const send = { from, to, consent, record, priority: 'routine' as const };
    const content = new Blob(['x']);
    const attachments = ['', 'Image/JPEG', 'text/plain; charset=UTF-8'].map((type) => ({ content, type }));
    const { sealed, files } = await sealReferral(worker, { ...send, attachments });
    for (const file of files) await uploadAttachment(worker, file);
    await sendReferral(worker, sealed);
    const opened = await agent.ask<{ record: { attachments: { type: string }[] } }>({
      method: 'POST',
      path: `/referrals/${sealed.referral}/open`,
    });
    expect(opened.body.record.attachments.map(({ type }) => type)).toEqual([
      'application/octet-stream',
      'image/jpeg',
      'text/plain;charset=UTF-8',
    ]);
    for (const type of ['photo', 'image/', '/png', 'a/b c', 'image/png; x', 'image/png\0', 'a/b/c'])
      await expect(sealReferral(worker, { ...send, attachments: [{ content, type }] })).rejects.toThrow(
        'attachment-type',
      );
  });
});
