import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type McpContext, McpTool } from 'nestjs-mcp';
import { ColorAnswer, ConfirmAnswer, NameAnswer } from './dto/answers.dto.js';
import { textOf, userMessage } from './sampling.js';

/** Several questions in one call, and what lasts from run to run. */
@Injectable()
export class RoundTools {
  /** Without `once`, the number would be another one when the method runs again. */
  @McpTool({
    name: 'test_input_required_result_request_state',
    description: 'Draws a number, and asks whether to keep it.',
  })
  async state(_arguments: unknown, context: McpContext): Promise<string> {
    const number = await context.once('number', () => randomUUID());
    const answer = await context.elicit('Please confirm', ConfirmAnswer, {
      key: 'confirm',
    });
    return `state-ok: ${number}, ${answer.action}`;
  }

  /** What travels with the client is encrypted: altered, it is refused. */
  @McpTool({
    name: 'test_input_required_result_tampered_state',
    description: 'Asks for a confirmation that cannot be forged.',
  })
  async sealed(_arguments: unknown, context: McpContext): Promise<string> {
    const answer = await context.elicit('Please confirm', ConfirmAnswer, {
      key: 'confirm',
    });
    return `The answer: ${answer.action}`;
  }

  @McpTool({
    name: 'test_input_required_result_multiple_inputs',
    description: 'Asks the person, the model and the client at once.',
  })
  async atOnce(_arguments: unknown, context: McpContext): Promise<string> {
    const [person, greeting, roots] = await Promise.all([
      context.elicit('What is your name?', NameAnswer, { key: 'user_name' }),
      context.sample(userMessage('Generate a greeting', 50), {
        key: 'greeting',
      }),
      context.listRoots({ key: 'client_roots' }),
    ]);
    const name = person.action === 'accept' ? person.content.name : 'stranger';
    return `${textOf(greeting)} ${name}, who works in ${roots.length} folders`;
  }

  @McpTool({
    name: 'test_input_required_result_multi_round',
    description: 'Asks for a name, and then for a color.',
  })
  async rounds(_arguments: unknown, context: McpContext): Promise<string> {
    const first = await context.elicit(
      'Step 1: What is your name?',
      NameAnswer,
      { key: 'step1' },
    );
    if (first.action !== 'accept') return 'No name, no color.';
    const second = await context.elicit(
      'Step 2: What is your favorite color?',
      ColorAnswer,
      { key: 'step2' },
    );
    return second.action === 'accept'
      ? `${first.content.name} likes ${second.content.color}.`
      : `${first.content.name} likes no color.`;
  }

  /** A tool that can do with less than it would like to have. */
  @McpTool({
    name: 'test_input_required_result_capabilities',
    description: 'Asks only those whom the client can ask.',
  })
  async able(_arguments: unknown, context: McpContext): Promise<string> {
    const { elicitation, sampling } = context.client.capabilities;
    const [person, model] = await Promise.all([
      elicitation && context.elicit('What is your name?', NameAnswer),
      sampling && context.sample(userMessage('Generate a greeting', 50)),
    ]);
    return `Person: ${person?.action ?? 'not asked'}, model: ${model ? textOf(model) : 'not asked'}`;
  }
}
