import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { every } from '../../common/every.js';
import { SealedTexts } from '../sealed-texts.js';
import { Mailer, type MailLanguage } from './mailer.js';
import { CLAIM, NOTICE, SENT } from './mail.sql.js';

const AT_ONCE = 10;
/** Hours for which a mail that no server takes is tried again. */
const MOST_ATTEMPTS = 24;

interface Due {
  readonly service: string;
  readonly address: Buffer;
  readonly language: MailLanguage;
}

/** Writes to services that something is new: one an hour each, at no telling moment. */
@Injectable()
export class Notices {
  constructor(
    private readonly database: Database,
    private readonly mailer: Mailer,
    private readonly texts: SealedTexts,
  ) {}

  async run(): Promise<void> {
    if (!this.mailer.sends) return;
    await this.database.app.query(NOTICE.with());
    for (;;) {
      const { rows } = await this.database.app.query<Due>(
        CLAIM.with({ limit: AT_ONCE, mostAttempts: MOST_ATTEMPTS }),
      );
      await every(rows.map((due) => () => this.send(due)));
      if (rows.length === 0) return;
    }
  }

  /** One that is not taken is due again in an hour. */
  private async send({ service, address, language }: Due): Promise<void> {
    const to = this.texts.read(address, `mail ${service}`);
    if (to === undefined) return;
    const isSent = await this.mailer.send(to, language).then(
      () => true,
      () => false,
    );
    if (isSent) await this.database.app.query(SENT.with({ service }));
  }
}
