import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ReceiptStory } from '../../client/receipt/receipt-story.js';
import { FEEDBACK, type Answers, type Question } from '../../protocol/envelope/feedback.js';
import { useSpeech } from '../shared/i18n.js';
import { Form, useAct } from '../shared/ui.js';
import type { Connection } from './door.js';

/** None is chosen beforehand, and each can be left out. */
const NONE: Answers = { reached: null, helped: null, respected: null };

interface FeedbackProps {
  readonly story: ReceiptStory;
  readonly connection: Connection;
}

/**
 * How it went: counted without name and case; free text for the observer alone, where the network has one.
 */
export function Feedback({ story, connection }: FeedbackProps): JSX.Element {
  const { say } = useSpeech();
  const [answers, setAnswers] = useState<Answers>(NONE);
  const [text, setText] = useState('');
  const [mayWrite, setMayWrite] = useState(false);
  const [isGiven, setGiven] = useState(false);
  const asking = useAct(async () => setMayWrite(await connection.call('mayGiveText')));
  useEffect(asking.run, []);
  const act = useAct(async () => {
    await connection.call('giveFeedback', answers, text);
    setGiven(true);
  });
  if (isGiven) return <p role="status">{say('feedback-thanks')}</p>;
  if (story.feedbackGiven) return <p>{say('feedback-done')}</p>;
  return (
    <>
      <p>{say('feedback-text')}</p>
      <Form act={act} label="feedback-send">
        {(Object.keys(FEEDBACK) as Question[]).map((question) => (
          <Choice
            key={question}
            question={question}
            chosen={answers[question]}
            onChoice={(answer) => setAnswers({ ...answers, [question]: answer })}
          />
        ))}
        {mayWrite && (
          <>
            <label for="feedback">{say('feedback-label')}</label>
            <textarea
              id="feedback"
              rows={4}
              maxLength={2000}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
              dir="auto"
            />
          </>
        )}
      </Form>
    </>
  );
}

function Choice(props: {
  readonly question: Question;
  readonly chosen: string | null;
  readonly onChoice: (answer: string) => void;
}): JSX.Element {
  const { say } = useSpeech();
  const { question, chosen, onChoice } = props;
  return (
    <fieldset>
      <legend>{say(`feedback-${question}`)}</legend>
      {FEEDBACK[question].map((answer) => (
        <label key={answer} class="check">
          <input type="radio" name={question} checked={chosen === answer} onChange={() => onChoice(answer)} />
          {say(`feedback-${answer}`)}
        </label>
      ))}
    </fieldset>
  );
}
