import { utf8 } from '../../protocol/encoding/bytes.js';
import { textHash } from '../../protocol/registry/charter.js';
import { signingKey } from '../../protocol/crypto/keys.js';
import { sha256 } from '#sha256';
import { sign } from '../../protocol/encoding/signed.js';

const text = 'La Ruelle (invented) and Clinique du Canal (invented) refer people to each other.';
const terms = {
  network: '0b9ffc2e-60d6-4b4f-9a52-2f0e8d3a7c11',
  agreement: 'a47c1d0e-3b52-4f6a-8e19-7d2c5b9f0a31',
  parties: ['6d2c1f0a-7a44-4c0e-8d55-90c2a4be1f02', '9b7f3e2d-1c48-4a5b-b6d0-3f8e7a2c5d19'],
  routes: [{ from: 'c54f1ab0-21de-4a0b-b7a3-5f1e0c9d3b04', to: 'e81b6c5d-7f20-4d93-a4c8-2b9e0f3a6d17' }],
  purposes: ['health-care'],
  kind: 'referral',
  from: '2026-12-01',
  until: '2027-11-30',
  noticeDays: 30,
  textHash: textHash(text),
  language: 'en',
} as const;
const coordinator = signingKey(sha256(utf8('relais documentation: coordinator')));

/**
 * An invented agreement for the API's documentation, with a real signature by a key that everybody can make.
 */
export const examples = {
  text,
  terms,
  signature: sign(
    'agreement+jws',
    {
      ...terms,
      parties: [...terms.parties],
      routes: [...terms.routes],
      purposes: [...terms.purposes],
    },
    coordinator,
  ),
};
