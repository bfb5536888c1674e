/** The product's mark, drawn inline so that it shows with the first paint. */
export function Logo({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="8" fill="#1f62c4" />
      <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
        <path d="M6 12.5c3.3 0 3.3-2.6 6.7-2.6s3.3 2.6 6.6 2.6 3.4-2.6 6.7-2.6" opacity="0.55" />
        <path d="M6 17.8c3.3 0 3.3-2.6 6.7-2.6s3.3 2.6 6.6 2.6 3.4-2.6 6.7-2.6" opacity="0.8" />
        <path d="M6 23.1c3.3 0 3.3-2.6 6.7-2.6s3.3 2.6 6.6 2.6 3.4-2.6 6.7-2.6" />
      </g>
    </svg>
  );
}
