import { ADAPTERS } from '../support/adapters.js';
import { type Answers, connectAnswering } from '../support/answering-client.js';
import { type BootedApp, bootApp, UNHELD } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import { ERAS } from '../support/json-rpc.js';
import {
  journal,
  QuestionsModule,
} from '../fixtures/questions/questions.module.js';

const accept = (content: Record<string, unknown>) => ({
  action: 'accept',
  content,
});
const BOOKING = accept({ name: 'Ada', guests: 2 });

describe.each(ADAPTERS)('questions on %s', (adapter) => {
  let booted: BootedApp;

  beforeAll(async () => {
    booted = await bootApp(QuestionsModule.with(), adapter, UNHELD);
  });

  afterAll(() => booted.close());

  beforeEach(() => journal.splice(0));

  describe.each(ERAS)('from a client of the %s era', (era) => {
    async function ask(tool: string, answers: Answers, args = {}) {
      const { client, asked, call } = await connectAnswering(
        `${booted.url}/mcp`,
        era,
        answers,
      );
      try {
        return { asked, ...(await call(tool, args)) };
      } finally {
        await client.close();
      }
    }

    it('one method gets its answer, whichever the era', async () => {
      expect(await ask('book', { forms: [BOOKING] })).toEqual({
        asked: ['Who is coming?'],
        text: 'Ada with 2',
        isError: false,
      });
      // As documented: the method runs again with the answer.
      expect(journal).toEqual(era === 'modern' ? ['run', 'run'] : ['run']);
    });

    it.each(['decline', 'cancel'])(
      'the method is told that the person chose to %s',
      async (action) => {
        expect(await ask('book', { forms: [{ action }] })).toMatchObject({
          text: action,
          isError: false,
        });
      },
    );

    it('an answer of a wrong type, or one that is not allowed, is asked for again', async () => {
      const { asked, text } = await ask('book', {
        forms: [
          accept({ name: 'Ada', guests: 'two' }),
          accept({ name: 'Ada', guests: 0 }),
          BOOKING,
        ],
      });
      expect(text).toBe('Ada with 2');
      expect(asked).toHaveLength(3);
    });

    it('what was done once is not done again, and earlier answers are kept', async () => {
      const { text, asked } = await ask('order', {
        forms: [accept({ name: 'Ada' }), accept({ colour: 'red' })],
      });
      expect(JSON.parse(text)).toEqual([
        { secret: 'the-order-number' },
        accept({ name: 'Ada' }),
        accept({ colour: 'red' }),
      ]);
      expect(asked).toEqual(['Name?', 'Colour?']);
      expect(journal.filter((entry) => entry === 'made')).toHaveLength(1);
    });

    it('person, model and machine are asked at the same time', async () => {
      const { text } = await ask('all_at_once', {
        forms: [accept({ name: 'Ada' })],
        model: 'Hello!',
        roots: ['file:///work'],
      });
      expect(JSON.parse(text)).toEqual({
        answer: accept({ name: 'Ada' }),
        said: { type: 'text', text: 'Hello!' },
        roots: ['file:///work'],
      });
      expect(journal).toHaveLength(era === 'modern' ? 2 : 1);
    });

    it('a person is sent to a page, and what happens there stays there', async () => {
      expect(await ask('pay', { forms: [{ action: 'accept' }] })).toEqual({
        asked: ['https://pay.example.com/42'],
        text: 'accept',
        isError: false,
      });
    });

    it('a route asks by its parameter, and anything by injection', async () => {
      const closed = await ask(
        'rooms_close',
        { forms: [accept({ reason: 'rain' })] },
        { room: 'red' },
      );
      expect(JSON.parse(closed.text)).toEqual({
        room: 'red',
        mcp: true,
        answer: accept({ reason: 'rain' }),
      });
      const chosen = await ask('rooms_choose', {
        forms: [accept({ room: 'blue' })],
      });
      expect(chosen).toMatchObject({ text: 'blue', asked: ['Which room?'] });
    });

    it('a tool that needs a yes runs after it alone', async () => {
      const agreed = await ask('wipe', { forms: [accept({})] });
      expect(agreed).toMatchObject({
        text: 'wiped',
        asked: ['Delete everything?'],
      });
      journal.splice(0);
      for (const action of ['decline', 'cancel']) {
        expect(await ask('wipe', { forms: [{ action }] })).toMatchObject({
          text: 'The user did not agree to this call.',
          isError: true,
        });
      }
      expect(journal).not.toContain('wiped');
    });

    it('a client that cannot ask anybody is told so, and nothing runs', async () => {
      const outcome = await ask('wipe', {}).catch((error: unknown) => error);
      expect(outcome).toMatchObject(
        era === 'modern'
          ? { code: -32021 }
          : {
              isError: true,
              text: 'This needs elicitation, which the client does not support.',
            },
      );
      expect(journal).toEqual([]);
    });

    it('a method that swallows the question has it asked all the same', async () => {
      expect(
        await ask('swallow', { forms: [accept({ ok: true })] }),
      ).toMatchObject({ text: 'ok: true' });
    });

    it('a form with nested fields is the fault of the developer, for the log alone', async () => {
      booted.logger.lines.splice(0);
      const { text, isError } = await ask('nested', { forms: [BOOKING] });
      expect(isError).toBe(true);
      expect(text).not.toContain('address');
      expect(JSON.stringify(booted.logger.lines)).toContain('address');
    });
  });

  it('a form that asks for a secret is warned of (MCP, Elicitation)', async () => {
    // Each class of a schema is looked at once.
    const own = await bootApp(QuestionsModule.with(), adapter, UNHELD);
    try {
      const { client, call } = await connectAnswering(
        `${own.url}/mcp`,
        'modern',
        { forms: [{ action: 'decline' }] },
      );
      expect((await call('log_in')).text).toBe('decline');
      await client.close();
      expect(own.logger.of('warn').join()).toMatch(
        /the field "apiKey".* elicitUrl\(\)/,
      );
    } finally {
      await own.close();
    }
  });

  it('a plain HTTP request has no client to ask', async () => {
    const closed = await fetch(`${booted.url}/rooms/red`, { method: 'DELETE' });
    expect(await closed.json()).toEqual({
      room: 'red',
      mcp: false,
      answer: null,
    });
    expect(await (await fetch(`${booted.url}/rooms`)).text()).toBe('any');
  });

  it('a legacy client without a session cannot be asked, and is told so', async () => {
    expect(
      await callTool(`${booted.url}/mcp`, 'book', {}, { era: 'legacy' }),
    ).toMatchObject({
      isError: true,
      text: 'This needs elicitation, which the client does not support.',
    });
  });
});
