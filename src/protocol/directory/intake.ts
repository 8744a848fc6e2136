import type { HandoffRecord } from '../schemas/handoff-record.js';
import type { Intake, Question } from '../schemas/service-profile.js';
import { isDay } from '../schemas/types.js';

/** What may be passed on to every service; the rest only to one whose profile asks for it. */
const TO_EVERY_SERVICE: readonly string[] = [
  'calledName',
  'contactMode',
  'contactValue',
  'spokenLanguages',
  'interpreterNeeded',
  'servicesRequested',
  'reason',
  'alreadyDone',
  'safetyNotes',
  'referrerContact',
];

/** A field or an answer that is not as the service asks for it. */
export interface IntakeProblem {
  /** Name of a field of the record, or code of one of the service's questions. */
  readonly field?: string;
  readonly question?: string;
  /** `invalid`: not of the question's type, or none of its options. */
  readonly problem: 'missing' | 'not-asked' | 'invalid';
}

/**
 * What in a record is not as the service's intake profile has it; the same on the sender's device and on the
 * receiver's.
 * @example
 * for (const { field, question, problem } of intakeProblems(profile.intake, record)) show(field ?? question,
 * problem);
 */
export function intakeProblems(
  { requires, offers, questions }: Intake,
  record: Readonly<Record<string, unknown>>,
): IntakeProblem[] {
  const present = Object.keys(record);
  const asked = [...TO_EVERY_SERVICE, ...requires, ...offers, 'answers'];
  return [
    ...requires
      .filter((field) => !present.includes(field))
      .map((field) => ({ field, problem: 'missing' as const })),
    ...present
      .filter((field) => !asked.includes(field))
      .map((field) => ({ field, problem: 'not-asked' as const })),
    ...answerProblems(questions, (record['answers'] ?? {}) as NonNullable<HandoffRecord['answers']>),
  ];
}

function answerProblems(
  questions: readonly Question[],
  answers: Readonly<Record<string, string>>,
): IntakeProblem[] {
  const known = questions.map(({ id }) => id);
  const given = new Map(Object.entries(answers));
  return [
    ...Object.keys(answers)
      .filter((question) => !known.includes(question))
      .map((question) => ({ question, problem: 'not-asked' as const })),
    ...questions.flatMap((question) => problemOf(question, given.get(question.id))),
  ];
}

function problemOf(question: Question, answer: string | undefined): IntakeProblem[] {
  const { id, required } = question;
  if (answer === undefined) return required ? [{ question: id, problem: 'missing' }] : [];
  return FORMS[question.type](answer, question) ? [] : [{ question: id, problem: 'invalid' }];
}

/** How an answer to each type of question is written: it is a text in the record. */
const FORMS: Readonly<Record<Question['type'], (answer: string, question: Question) => boolean>> = {
  text: (answer) => answer.trim() !== '',
  choice: (answer, question) => codesOf(question).includes(answer),
  // codes in the order of the options, with one space between them
  choices: (answer, question) => {
    const chosen = answer.split(' ');
    return (
      codesOf(question)
        .filter((code) => chosen.includes(code))
        .join(' ') === answer
    );
  },
  'yes-no': (answer) => answer === 'yes' || answer === 'no',
  number: (answer) => /^(0|[1-9][0-9]{0,8})$/.test(answer),
  date: (answer) => /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(answer) && isDay(answer),
};

function codesOf({ options = [] }: Question): string[] {
  return options.map(({ code }) => code);
}
