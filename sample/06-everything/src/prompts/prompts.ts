import { Injectable } from '@nestjs/common';
import { type McpContext, McpPrompt } from 'nestjs-mcp';
import { PNG } from '../media/samples.js';
import {
  PromptContext,
  ResourceArguments,
  TwoArguments,
} from './dto/prompt.arguments.dto.js';

/** What people choose from a menu: a text alone, or a conversation. */
@Injectable()
export class Prompts {
  @McpPrompt({ name: 'test_simple_prompt', description: 'Takes nothing.' })
  simple(): string {
    return 'This is a simple prompt for testing.';
  }

  @McpPrompt({
    name: 'test_prompt_with_arguments',
    description: 'Takes two arguments.',
  })
  withArguments({ arg1, arg2 }: TwoArguments): string {
    return `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`;
  }

  @McpPrompt({
    name: 'test_prompt_with_embedded_resource',
    description: 'Brings a resource along.',
  })
  withResource({ resourceUri }: ResourceArguments): object {
    return {
      messages: [
        {
          role: 'user',
          content: {
            type: 'resource',
            resource: {
              uri: resourceUri,
              mimeType: 'text/plain',
              text: 'Embedded resource content for testing.',
            },
          },
        },
        userText('Please process the embedded resource above.'),
      ],
    };
  }

  @McpPrompt({
    name: 'test_prompt_with_image',
    description: 'Brings an image along.',
  })
  withImage(): object {
    const data = PNG.toString('base64');
    return {
      messages: [
        {
          role: 'user',
          content: { type: 'image', data, mimeType: 'image/png' },
        },
        userText('Please analyze the image above.'),
      ],
    };
  }

  /** Prompts ask as tools do. */
  @McpPrompt({
    name: 'test_input_required_result_prompt',
    description: 'Asks the person what it is about.',
  })
  async asking(_arguments: unknown, context: McpContext): Promise<string> {
    const answer = await context.elicit(
      'What context should the prompt use?',
      PromptContext,
      { key: 'user_context' },
    );
    return answer.action === 'accept'
      ? `Use this context: ${answer.content.context}`
      : 'Use no context.';
  }
}

const userText = (text: string): object => ({
  role: 'user',
  content: { type: 'text', text },
});
