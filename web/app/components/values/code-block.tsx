/** A program to be read: each line with its number, which is no part of what is selected. */
export const CodeBlock = ({ code, title }: { readonly code: string; readonly title: string }) => (
  <figure>
    <figcaption className="mt-3 mb-1 text-xs font-semibold">{title}</figcaption>
    <pre
      tabIndex={0}
      aria-label={title}
      className="max-h-96 overflow-auto rounded-md border bg-surface py-2 font-mono text-xs leading-5"
    >
      <code className="block min-w-max pr-3 [counter-reset:line]">
        {code.split('\n').map((line, index) => (
          <span
            key={index}
            className="block pl-12 -indent-9 [counter-increment:line] before:mr-3 before:inline-block before:w-6 before:text-right before:indent-0 before:text-ink-2 before:content-[counter(line)]"
          >
            {line === '' ? ' ' : line}
          </span>
        ))}
      </code>
    </pre>
  </figure>
);
