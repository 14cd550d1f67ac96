import type { Client } from '@modelcontextprotocol/client';
import type { INestApplication } from '@nestjs/common';
import { createApp } from '../../sample/06-everything/src/create-app.js';
import { PNG, WAV } from '../../sample/06-everything/src/media/samples.js';
import { MAIN_TWO, createAdapter } from '../support/adapters.js';
import {
  connectAnswering,
  type Person,
} from '../support/conformance-client.js';
import { ERAS } from '../support/json-rpc.js';

const image = {
  type: 'image',
  data: PNG.toString('base64'),
  mimeType: 'image/png',
};
const text = (value: string) => ({ type: 'text', text: value });
const user = (content: unknown) => ({ role: 'user', content });

/** What the suite does not look at: it is content with any text at all. */
const CONTENTS: readonly [string, readonly unknown[]][] = [
  ['test_simple_text', [text('This is a simple text response for testing.')]],
  ['test_image_content', [image]],
  [
    'test_audio_content',
    [
      {
        type: 'audio',
        data: WAV.toString('base64'),
        mimeType: 'audio/wav',
      },
    ],
  ],
  [
    'test_embedded_resource',
    [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  ],
  [
    'test_multiple_content_types',
    [
      text('Multiple content types test:'),
      image,
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: '{"test":"data","value":123}',
        },
      },
    ],
  ],
];

/** Tools that ask, and what they say to a willing person. */
const QUESTIONS: readonly [string, Record<string, unknown>, string | RegExp][] =
  [
    [
      'test_elicitation',
      { message: 'Your account?' },
      'User response: ada, ada@example.com',
    ],
    [
      'test_sampling',
      { prompt: 'Are you there?' },
      'LLM response: Echo of "Are you there?"',
    ],
    ['test_input_required_result_elicitation', {}, 'Hello, Ada!'],
    [
      'test_input_required_result_sampling',
      {},
      'The model says: Echo of "What is the capital of France?"',
    ],
    ['test_input_required_result_list_roots', {}, 'Folders: Work'],
    [
      'test_input_required_result_request_state',
      {},
      /^state-ok: [\da-f-]{36}, accept$/,
    ],
    [
      'test_input_required_result_multiple_inputs',
      {},
      'Echo of "Generate a greeting" Ada, who works in 1 folders',
    ],
    ['test_input_required_result_multi_round', {}, 'Ada likes blue.'],
    [
      'test_input_required_result_capabilities',
      {},
      'Person: accept, model: Echo of "Generate a greeting"',
    ],
    ['test_reset_resource', {}, 'Revision 1'],
  ];

const willing: Person = () => ({
  action: 'accept',
  content: {
    name: 'Ada',
    color: 'blue',
    username: 'ada',
    email: 'ada@example.com',
    ok: true,
    confirm: true,
    context: 'tests',
  },
});
const unwilling: Person = () => ({ action: 'decline' });

describe.each(MAIN_TWO)('the sample of everything on %s', (adapter) => {
  let app: INestApplication;
  let endpoint: string;

  beforeAll(async () => {
    app = await createApp({}, createAdapter(adapter), {
      logger: ['warn', 'error', 'fatal'],
      abortOnError: false,
      forceCloseConnections: true,
    });
    await app.listen(0, '127.0.0.1');
    endpoint = `${await app.getUrl()}/mcp`;
  });
  afterAll(() => app?.close());

  describe.each(ERAS)('in the %s era', (era) => {
    let client: Client;

    beforeAll(async () => {
      client = await connectAnswering(endpoint, era, willing);
    });
    afterAll(() => client?.close());

    it.each(CONTENTS)('returns the content of %s', async (name, content) => {
      const result = await client.callTool({ name });
      expect(result.content).toEqual(content);
    });

    it('tells the caller an error that is meant for them', async () => {
      const result = await client.callTool({ name: 'test_error_handling' });
      expect(result).toMatchObject({
        isError: true,
        content: [text('This tool intentionally returns an error for testing')],
      });
    });

    it.each(QUESTIONS)('asks in %s', async (name, args, expected) => {
      const result = await client.callTool({ name, arguments: args });
      const [block] = result.content as { text: string }[];
      expect(block?.text).toEqual(
        typeof expected === 'string'
          ? expected
          : expect.stringMatching(expected),
      );
    });

    it('does nothing that the person does not confirm', async () => {
      const other = await connectAnswering(endpoint, era, unwilling);
      await other.callTool({ name: 'test_touch_resource' });
      const before = await other.readResource({
        uri: 'test://watched-resource',
      });
      const result = await other.callTool({ name: 'test_reset_resource' });
      expect(result.isError).toBe(true);
      const after = await other.readResource({
        uri: 'test://watched-resource',
      });
      expect(after.contents).toEqual(before.contents);
      await other.close();
    });

    it.each([
      [
        'test://static-text',
        {
          mimeType: 'text/plain',
          text: 'This is the content of the static text resource.',
        },
      ],
      [
        'test://static-binary',
        { mimeType: 'image/png', blob: PNG.toString('base64') },
      ],
      [
        'test://template/123/data',
        {
          mimeType: 'application/json',
          text: '{"id":"123","templateTest":true,"data":"Data for ID: 123"}',
        },
      ],
    ])('reads %s', async (uri, content) => {
      const { contents } = await client.readResource({ uri });
      expect(contents).toEqual([{ uri, ...content }]);
    });

    it.each([
      [
        'test_simple_prompt',
        {},
        [user(text('This is a simple prompt for testing.'))],
      ],
      [
        'test_prompt_with_arguments',
        { arg1: 'hello', arg2: 'world' },
        [user(text("Prompt with arguments: arg1='hello', arg2='world'"))],
      ],
      [
        'test_prompt_with_embedded_resource',
        { resourceUri: 'test://example' },
        [
          user({
            type: 'resource',
            resource: {
              uri: 'test://example',
              mimeType: 'text/plain',
              text: 'Embedded resource content for testing.',
            },
          }),
          user(text('Please process the embedded resource above.')),
        ],
      ],
      [
        'test_prompt_with_image',
        {},
        [user(image), user(text('Please analyze the image above.'))],
      ],
      [
        'test_input_required_result_prompt',
        {},
        [user(text('Use this context: tests'))],
      ],
    ])('gets the prompt %s', async (name, args, messages) => {
      const prompt = await client.getPrompt({ name, arguments: args });
      expect(prompt.messages).toEqual(messages);
    });

    it.each([
      [{ type: 'ref/prompt', name: 'test_prompt_with_arguments' }, 'arg1'],
      [{ type: 'ref/resource', uri: 'test://template/{id}/data' }, 'id'],
    ] as const)('completes an argument of %o', async (ref, name) => {
      const value = name === 'id' ? '12' : 'par';
      const { completion } = await client.complete({
        ref,
        argument: { name, value },
      });
      expect(completion.values).toEqual(
        name === 'id' ? ['12', '123'] : ['paris', 'park', 'party'],
      );
    });

    it('lists everything with a name and a description', async () => {
      const { tools } = await client.listTools();
      const { prompts } = await client.listPrompts();
      const { resources } = await client.listResources();
      const { resourceTemplates } = await client.listResourceTemplates();
      const all = [tools, prompts, resources, resourceTemplates];
      expect(all.every((list) => list.length > 0)).toBe(true);
      for (const entry of all.flat()) {
        expect(entry).toMatchObject({
          name: expect.stringMatching(/./),
          description: expect.stringMatching(/./),
        });
      }
    });
  });
});
