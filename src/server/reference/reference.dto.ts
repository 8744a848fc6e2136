import { ApiProperty } from '@nestjs/swagger';

/** Which notices there are, and in which languages. */
export class NoticesAnswer {
  readonly items!: NoticeAnswer[];
}

/** A family and version, as a charter names it. */
export class NoticeAnswer {
  @ApiProperty({ example: 'refer@1' })
  readonly notice!: string;

  readonly languages!: string[];
}

/** The types of service. */
export class TaxonomyAnswer {
  readonly items!: TermAnswer[];
}

/** A text in the languages of the directory. */
export class LabelsAnswer {
  readonly en!: string;
  readonly fr!: string;
  readonly nl!: string;
}

/** A type of service; its code never changes its meaning. */
export class TermAnswer {
  readonly code!: string;

  /** Code of the wider type. */
  readonly parent?: string;

  readonly labels!: LabelsAnswer;
}

/** What a handoff may carry by the person's choice, and what none may but by a voted exception. */
export class HandoffFieldsAnswer {
  readonly fields!: string[];
  readonly refusedFields!: string[];
}

/** Names of the schemas. */
export class SchemasAnswer {
  readonly items!: string[];
}
