import { reactRouter } from '@react-router/dev/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [tailwindcss(), reactRouter()],
  // Nothing is inlined as a data address: the pages' policy allows fonts from this server only.
  build: { target: 'es2023', assetsInlineLimit: 0 },
});
