// What `npx everwave` starts on a Node that is too old for our sources.
import '../cli/src/main.ts';
