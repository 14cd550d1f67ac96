import { Body, Controller, Get, Post, UseGuards } from '@nestjs/common';
import {
  AccessToken,
  McpAuthGuard,
  McpScopes,
  McpToken,
  McpTool,
} from 'nestjs-mcp';
import { NewNoteDto } from './dto/new-note.dto.js';
import type { Note } from './note.interface.js';
import { NotesService } from './notes.service.js';

/** The guard is for plain HTTP: it asks there for what the tools ask for. */
@Controller('notes')
@UseGuards(McpAuthGuard)
export class NotesController {
  constructor(private readonly notes: NotesService) {}

  @Get()
  @McpTool({ description: 'List your own notes, oldest first.' })
  list(@McpToken() { subject = '' }: AccessToken): readonly Note[] {
    return this.notes.list(subject);
  }

  @Post()
  @McpScopes('notes:write')
  @McpTool({ description: 'Write a note to yourself.' })
  add(
    @McpToken() { subject = '' }: AccessToken,
    @Body() { text }: NewNoteDto,
  ): Note {
    return this.notes.add(subject, text);
  }
}
