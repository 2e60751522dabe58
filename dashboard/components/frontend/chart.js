export default function ({ data, parentElement }) {
  drawChart(parentElement, data);
}
