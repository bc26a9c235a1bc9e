exports.half = number => {
  if (typeof number !== 'number') throw new TypeError(`no half of ${number}`)
  return number >> 1
}
