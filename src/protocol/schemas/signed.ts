import type { Static } from 'typebox';
import { Agreement, AgreementEnd } from './agreement.js';
import { Handoff, Message } from './handoff.js';
import {
  CharterNotice,
  Confirmation,
  CoordinatorKey,
  DeviceCertificate,
  DeviceRequest,
  DeviceRevocation,
  KeyGrant,
  LogKey,
  LogOpening,
  LogRestored,
  Organisation,
  Revocation,
  ServiceKey,
  WebApp,
  Witness,
} from './registry.js';
import { ConsentStatement, ConsentWord } from './statements.js';

/**
 * Every kind of signed object and the one schema of its payload (docs/protocol/signing.md, *Signed objects*).
 */
export const SIGNED = {
  'organisation+jws': Organisation,
  'coordinator-key+jws': CoordinatorKey,
  'service-key+jws': ServiceKey,
  'revocation+jws': Revocation,
  'witness+jws': Witness,
  'web-app+jws': WebApp,
  'log-restored+jws': LogRestored,
  'log-key+jws': LogKey,
  'log-opening+jws': LogOpening,
  'charter+jws': CharterNotice,
  'agreement+jws': Agreement,
  'agreement-end+jws': AgreementEnd,
  'device-certificate+jws': DeviceCertificate,
  'device-request+jws': DeviceRequest,
  'device-revocation+jws': DeviceRevocation,
  'key-grant+jws': KeyGrant,
  'confirmation+jws': Confirmation,
  'consent-statement+jws': ConsentStatement,
  'consent-word+jws': ConsentWord,
  'handoff+jws': Handoff,
  'message+jws': Message,
} as const;

export type SignedTyp = keyof typeof SIGNED;
export type Payload<K extends SignedTyp> = Static<(typeof SIGNED)[K]>;
