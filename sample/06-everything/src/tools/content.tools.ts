import { Injectable, StreamableFile } from '@nestjs/common';
import { McpError, McpTool } from 'nestjs-mcp';
import { PNG, WAV } from '../media/samples.js';

/** What a tool can return: text, files, and finished results. */
@Injectable()
export class ContentTools {
  @McpTool({ name: 'test_simple_text', description: 'Returns text.' })
  text(): string {
    return 'This is a simple text response for testing.';
  }

  @McpTool({ name: 'test_image_content', description: 'Returns an image.' })
  image(): StreamableFile {
    return new StreamableFile(PNG, { type: 'image/png' });
  }

  @McpTool({ name: 'test_audio_content', description: 'Returns a recording.' })
  audio(): StreamableFile {
    return new StreamableFile(WAV, { type: 'audio/wav' });
  }

  @McpTool({
    name: 'test_embedded_resource',
    description: 'Returns a resource with its content.',
  })
  embedded(): object {
    return {
      content: [
        {
          type: 'resource',
          resource: {
            uri: 'test://embedded-resource',
            mimeType: 'text/plain',
            text: 'This is an embedded resource content.',
          },
        },
      ],
    };
  }

  @McpTool({
    name: 'test_multiple_content_types',
    description: 'Returns text, an image and a resource.',
  })
  mixed(): object {
    return {
      content: [
        { type: 'text', text: 'Multiple content types test:' },
        {
          type: 'image',
          data: PNG.toString('base64'),
          mimeType: 'image/png',
        },
        {
          type: 'resource',
          resource: {
            uri: 'test://mixed-content-resource',
            mimeType: 'application/json',
            text: JSON.stringify({ test: 'data', value: 123 }),
          },
        },
      ],
    };
  }

  /** The caller would not see the message of an ordinary `Error`. */
  @McpTool({
    name: 'test_error_handling',
    description: 'Fails, and tells the caller why.',
  })
  failing(): never {
    throw new McpError('This tool intentionally returns an error for testing');
  }
}
