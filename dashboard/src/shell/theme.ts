import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

// The shop's own colours (src/http/style.ts), so that both look like one house. Every pair of text and ground
// has a contrast of at least 4.5 in both schemes, every border of a control at least 3.
const brand: MantineColorsTuple = [
  '#eaf6f1',
  '#d3ebe2',
  '#a5d8c5',
  '#75cdab',
  '#4fc79d',
  '#2f9f7a',
  '#1d8262',
  '#127356',
  '#0b6b4f',
  '#07513b',
];
const red: MantineColorsTuple = [
  '#fcebe9',
  '#f8d3cf',
  '#f2b1aa',
  '#ffb3aa',
  '#ff9d92',
  '#d9564a',
  '#c03d31',
  '#b0301f',
  '#a3261b',
  '#7d1a11',
];
const gray: MantineColorsTuple = [
  '#faf9f7',
  '#f3f1ed',
  '#eceae5',
  '#e2dfd9',
  '#8a867e',
  '#6f6b64',
  '#5d5a54',
  '#4a4741',
  '#33312d',
  '#1c1b19',
];
const dark: MantineColorsTuple = [
  '#f1efeb',
  '#d6d3cd',
  '#b0aca4',
  '#918d85',
  '#6f6b64',
  '#33312f',
  '#201f1d',
  '#161614',
  '#10100f',
  '#0a0a09',
];

export const theme = createTheme({
  colors: { brand, red, gray, dark },
  primaryColor: 'brand',
  primaryShade: { light: 8, dark: 4 },
  black: '#1c1b19',
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.125rem' } } },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Table: { defaultProps: { verticalSpacing: 'xs' } },
    // What takes the focus first would be a child that a menu may not have.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Modal: {
      defaultProps: {
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        // Its heading is no second banner of the page.
        attributes: { header: { role: 'presentation' } },
      },
    },
  },
});

/** Mantine's own greys for soft text, placeholders and errors are too pale. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#faf9f7',
    '--mantine-color-dimmed': '#5d5a54',
    '--mantine-color-placeholder': '#6f6b64',
    '--mantine-color-error': '#a3261b',
    '--mantine-color-default-border': '#e2dfd9',
  },
  dark: {
    '--mantine-color-body': '#161614',
    // White stands on what is filled, in both schemes.
    '--mantine-color-brand-filled': '#1d8262',
    '--mantine-color-brand-filled-hover': '#127356',
    '--mantine-color-red-filled': '#c03d31',
    '--mantine-color-red-filled-hover': '#b0301f',
    '--mantine-primary-color-contrast': '#fff',
    '--mantine-color-dimmed': '#b0aca4',
    '--mantine-color-placeholder': '#918d85',
    '--mantine-color-error': '#ff9d92',
    '--mantine-color-default-border': '#3a3834',
  },
});

/**
 * Colours of series in charts, in this order. The colour-blind can tell them apart: after Okabe and Ito, made
 * darker or lighter until each has a contrast of 3 on its ground.
 */
export const SERIES = [1, 2, 3, 4, 5, 6].map((index) => `var(--series-${index})`);
