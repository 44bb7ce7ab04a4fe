import { debianProgram } from "./debian-program.ts";

export const uacme = debianProgram("uacme", "uacme");
export const dehydrated = debianProgram("dehydrated", "dehydrated");
export const acmeTiny = debianProgram("acme-tiny", "acme-tiny");
export const acmetool = debianProgram("acmetool", "acmetool");
