import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { EVERYTHING, ORGANISATIONS, VERSION } from './snapshot.sql.js';
import type { ServiceRow } from './objects.js';
import { organisationView, serviceView, type OrganisationView, type ServiceView } from './view.js';

/** The public directory at one moment. */
export interface Directory {
  readonly services: readonly ServiceView[];
  readonly organisations: readonly OrganisationView[];
}

interface Kept {
  readonly version: string;
  readonly directory: Promise<Directory>;
}

/**
 * The public directory in this process's memory. Every request asks the database for one small row; only when
 * the number in it has risen, on whichever replica something was changed, is the directory read anew.
 */
@Injectable()
export class DirectorySnapshot {
  private kept: Kept | undefined;

  constructor(private readonly database: Database) {}

  async current(): Promise<{ directory: Directory; now: Date }> {
    const { rows } = await this.database.app.query<{ version: string; now: Date }>(VERSION.with());
    const { version = '', now = new Date() } = rows[0] ?? {};
    if (this.kept?.version !== version) this.keep(version);
    return { directory: await (this.kept?.directory ?? this.read()), now };
  }

  /**
   * What could not be read is not kept. Read after the number, the rows may be newer than it says, never
   * older.
   */
  private keep(version: string): void {
    const kept = { version, directory: this.read() };
    this.kept = kept;
    kept.directory.catch(() => {
      if (this.kept === kept) this.kept = undefined;
    });
  }

  private async read(): Promise<Directory> {
    const { rows: services } = await this.database.app.query<ServiceRow>(EVERYTHING.with());
    const { rows } = await this.database.app.query<{ id: string; name: string }>(ORGANISATIONS.with());
    return { services: services.map(serviceView), organisations: rows.map(organisationView) };
  }
}
