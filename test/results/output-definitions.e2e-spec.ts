import { Controller, Get, Module } from '@nestjs/common';
import { ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import { McpModule, McpTool } from '../../lib/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';

class Folder {
  @ApiProperty() name!: string;
  @ApiProperty({ type: () => [Folder] }) folders!: Folder[];
}

@Controller('folders')
class FoldersController {
  @Get()
  @McpTool({ outputSchema: 'strict' })
  @ApiOkResponse({ type: [Folder] })
  list(): Folder[] {
    return [{ name: 'a', folders: [{ name: 'b', folders: [] }] }];
  }
}

@Module({
  imports: [McpModule.forRoot({ name: 'folders' })],
  controllers: [FoldersController],
})
class FoldersModule {}

describe.each(MAIN_TWO)('an output schema that is a list on %s', (adapter) => {
  let booted: BootedApp;
  beforeAll(async () => {
    booted = await bootApp(FoldersModule, adapter);
  });
  afterAll(() => booted?.close());

  const folder = {
    Folder: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        folders: { type: 'array', items: { $ref: '#/$defs/Folder' } },
      },
      required: ['name', 'folders'],
    },
  };
  const items = { type: 'array', items: { $ref: '#/$defs/Folder' } };

  it('keeps its definitions at the root under `result`, before 2026-07-28', async () => {
    const [tool] = await listTools(`${booted.url}/mcp`, { era: 'legacy' });
    expect(tool?.outputSchema).toEqual({
      type: 'object',
      properties: { result: items },
      required: ['result'],
      $defs: folder,
    });
    const called = await callTool(
      `${booted.url}/mcp`,
      'folders_list',
      {},
      { era: 'legacy' },
    );
    expect(called.structuredContent).toEqual({
      result: [{ name: 'a', folders: [{ name: 'b', folders: [] }] }],
    });
  });

  it('is shown as it is since', async () => {
    const [tool] = await listTools(`${booted.url}/mcp`);
    expect(tool?.outputSchema).toEqual({ ...items, $defs: folder });
  });
});
