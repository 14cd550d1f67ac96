import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  Post,
  UseGuards,
} from '@nestjs/common';
import {
  AccessToken,
  McpAuthGuard,
  McpPublic,
  McpScopes,
  McpToken,
  McpTool,
} from 'nestjs-mcp';
import { NewNoteDto } from './dto/new-note.dto.js';
import type { Note } from './note.interface.js';
import { MAX_LENGTH, MAX_NOTES } from './note-rules.js';
import { NotesService } from './notes.service.js';

/** The guard is for plain HTTP: it asks there for what the tools ask for. */
@Controller('notes')
@UseGuards(McpAuthGuard)
export class NotesController {
  constructor(private readonly notes: NotesService) {}

  @Get('rules')
  @McpPublic()
  rules(): { maxNotes: number; maxLength: number } {
    return { maxNotes: MAX_NOTES, maxLength: MAX_LENGTH };
  }

  @Get()
  @McpTool({ description: 'List your own notes, oldest first.' })
  list(@McpToken() token: AccessToken): readonly Note[] {
    return this.notes.list(ownerOf(token));
  }

  @Post()
  @McpScopes('notes:write')
  @McpTool({ description: 'Write a note to yourself.' })
  add(@McpToken() token: AccessToken, @Body() { text }: NewNoteDto): Note {
    return this.notes.add(ownerOf(token), text);
  }
}

/** Subjects are unique per issuer only (RFC 7519, section 4.1.2). */
function ownerOf({ issuer, subject }: AccessToken): string {
  if (subject === undefined) {
    throw new ForbiddenException('Notes belong to people: log in as one.');
  }
  return `${issuer} ${subject}`;
}
