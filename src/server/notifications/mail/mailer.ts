import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { Config } from '../../config/index.js';

export type MailLanguage = 'fr' | 'nl' | 'en';

/** All that a mail ever says. It travels and lies about in the clear, before who knows whose eyes. */
export const SENTENCES: Readonly<Record<MailLanguage, string>> = {
  fr: 'Il y a du nouveau dans Relais.',
  nl: 'Er is iets nieuws in Relais.',
  en: 'There is something new in Relais.',
};

const TIMEOUT_MS = 10_000;

/** Sends the one sentence, where the operator has named a mail server. */
@Injectable()
export class Mailer implements OnApplicationShutdown {
  private readonly transport: Transporter | undefined;

  constructor(private readonly config: Config) {
    this.transport = config.mail && makeTransport(config.mail.url, new URL(config.issuer).hostname);
  }

  get sends(): boolean {
    return this.transport !== undefined;
  }

  /** Throws where the mail server does not take it. */
  async send(to: string, language: MailLanguage): Promise<void> {
    const { mail, issuer } = this.config;
    if (!this.transport || !mail) throw new Error('no mail server is named');
    await this.transport.sendMail({
      from: { name: 'Relais', address: mail.from },
      to: { name: '', address: to },
      subject: 'Relais',
      text: `${SENTENCES[language]}\n${issuer}\n`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  }

  onApplicationShutdown(): void {
    this.transport?.close();
  }
}

/** TLS from the first byte (`smtps:`) or before the first word; none only on this machine. */
function makeTransport(text: string, name: string): Transporter {
  const url = new URL(text);
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isHere = ['127.0.0.1', 'localhost', '::1'].includes(host);
  const user = decodeURIComponent(url.username);
  return createTransport({
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !isHere,
    ...(user !== '' && { auth: { user, pass: decodeURIComponent(url.password) } }),
    name,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
