import { Injectable } from '@nestjs/common';
import { type McpContext, McpTool } from 'nestjs-mcp';
import { MessageArguments, PromptTextArguments } from './dto/arguments.dto.js';
import { AccountAnswer, NameAnswer } from './dto/answers.dto.js';
import { textOf, userMessage } from './sampling.js';

/**
 * One question a tool: to the person, to the client's model, or to the client.
 * Written once. A client of the 2025 era is asked while the call waits; for one
 * of the 2026 era the method runs again when the answer is there.
 */
@Injectable()
export class QuestionTools {
  @McpTool({
    name: 'test_elicitation',
    description: 'Asks the person for a user name and an email address.',
  })
  async account(
    { message }: MessageArguments,
    context: McpContext,
  ): Promise<string> {
    const answer = await context.elicit(message, AccountAnswer);
    return answer.action === 'accept'
      ? `User response: ${answer.content.username}, ${answer.content.email}`
      : `User response: ${answer.action}`;
  }

  @McpTool({
    name: 'test_input_required_result_elicitation',
    description: 'Greets the person by the name they give.',
  })
  async name(_arguments: unknown, context: McpContext): Promise<string> {
    const answer = await context.elicit('What is your name?', NameAnswer, {
      key: 'user_name',
    });
    return answer.action === 'accept'
      ? `Hello, ${answer.content.name}!`
      : 'Hello, whoever you are!';
  }

  @McpTool({
    name: 'test_streaming_elicitation',
    description: 'Asks the person for a name, while it reports progress.',
  })
  async streaming(_arguments: unknown, context: McpContext): Promise<string> {
    await context.reportProgress(1, 2, 'About to ask');
    const answer = await context.elicit('What is your name?', NameAnswer);
    return `The answer: ${answer.action}`;
  }

  @McpTool({
    name: 'test_sampling',
    description: "Asks the client's model.",
  })
  async model(
    { prompt }: PromptTextArguments,
    context: McpContext,
  ): Promise<string> {
    const result = await context.sample(userMessage(prompt, 100));
    return `LLM response: ${textOf(result)}`;
  }

  @McpTool({
    name: 'test_input_required_result_sampling',
    description: "Asks the client's model for the capital of France.",
  })
  async capital(_arguments: unknown, context: McpContext): Promise<string> {
    const result = await context.sample(
      userMessage('What is the capital of France?', 100),
      { key: 'capital_question' },
    );
    return `The model says: ${textOf(result)}`;
  }

  /** The client is told which capability it lacks. */
  @McpTool({
    name: 'test_missing_capability',
    description: "Cannot do without the client's model.",
  })
  async needy(_arguments: unknown, context: McpContext): Promise<string> {
    return textOf(await context.sample(userMessage('Are you there?', 10)));
  }

  @McpTool({
    name: 'test_input_required_result_list_roots',
    description: 'Tells which folders the client works in.',
  })
  async roots(_arguments: unknown, context: McpContext): Promise<string> {
    const roots = await context.listRoots({ key: 'client_roots' });
    return `Folders: ${roots.map(({ name, uri }) => name ?? uri).join(', ')}`;
  }
}
