import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { MAX_LENGTH } from '../note-rules.js';

/** Body of `POST /notes`. */
export class NewNoteDto {
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_LENGTH)
  text: string;
}
