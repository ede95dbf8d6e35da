"""Pictures for pictures.test.ts: every kind that PIL writes, and beside each as npy what PIL reads."""
import sys, struct, zlib, io
import numpy as np
from PIL import Image, ImageOps

out = sys.argv[1]
rng = np.random.default_rng(1)
y, x = np.mgrid[0:13, 0:18]
rgb = np.stack([x * 14, y * 19, (x * y) % 256], -1).astype('u1')
grey = ((x * 9 + y * 5) % 256).astype('u1')
wide = (grey.astype('u2') * 251 + 7)

def expect(name, mode=None, array=None):
    if array is None:
        image = ImageOps.exif_transpose(Image.open(f'{out}/{name}'))
        array = np.asarray(image.convert(mode))
    if array.ndim == 2: array = array[..., None]
    np.save(f'{out}/{name}.npy', np.ascontiguousarray(array))

def save(name, image, mode, **how):
    image.save(f'{out}/{name}', **how)
    expect(name, mode)

colour, plain = Image.fromarray(rgb), Image.fromarray(grey)
alpha = Image.fromarray(np.dstack([rgb, 255 - grey]))
save('rgb.png', colour, 'RGB')
save('rgba.png', alpha, 'RGB')
save('grey.png', plain, 'L')
save('grey_alpha.png', Image.merge('LA', [plain, Image.fromarray(255 - grey)]), 'L')
save('bits.png', plain.convert('1'), 'L')
save('palette.png', colour.quantize(37), 'RGB')
save('palette4.png', colour.quantize(9), 'RGB', bits=4)
save('palette_transparent.png', colour.quantize(37), 'RGB', transparency=3)
Image.fromarray(wide).save(f'{out}/grey16.png'); expect('grey16.png', array=wide)
save('s444.jpg', colour, 'RGB', quality=92, subsampling=0)
save('s420.jpg', colour, 'RGB', quality=80, subsampling=2)
save('progressive.jpg', colour, 'RGB', progressive=True)
save('grey.jpg', plain, 'L')
save('cmyk.jpg', colour.convert('CMYK'), 'RGB', quality=95)
for orientation in range(1, 9):
    exif = Image.Exif(); exif[0x0112] = orientation
    save(f'exif{orientation}.jpg', colour, 'RGB', quality=95, exif=exif)
save('lossless.webp', colour, 'RGB', lossless=True)
save('lossy.webp', colour, 'RGB', quality=80)
save('still.gif', colour.quantize(64), 'RGB')
colour.quantize(64).save(f'{out}/moving.gif', save_all=True, append_images=[plain.convert('RGB').quantize(8)]); expect('moving.gif', 'RGB')
save('lzw.tif', colour, 'RGB', compression='tiff_lzw')
save('plain.tif', plain, 'L')
Image.fromarray(wide).save(f'{out}/grey16.tif'); expect('grey16.tif', array=wide)
# With chroma at full size: upsampling it differs between decoders of AVIF.
save('colour.avif', colour, 'RGB', quality=90, subsampling='4:4:4')
save('rgb.bmp', colour, 'RGB')
save('palette.bmp', colour.quantize(200), 'RGB')
save('grey.bmp', plain, 'L')
save('bits.bmp', plain.convert('1'), 'L')
save('alpha.bmp', alpha, 'RGB')
save('colour.ppm', colour, 'RGB')
save('grey.pgm', plain, 'L')
save('bits.pbm', plain.convert('1'), 'L')
with open(f'{out}/text.ppm', 'w') as f: f.write('P3\n# a comment\n18 13\n255\n' + ' '.join(map(str, rgb.ravel())) + '\n')
expect('text.ppm', array=rgb)
with open(f'{out}/wide.pgm', 'wb') as f: f.write(b'P5 18 13 65535\n' + wide.astype('>u2').tobytes())
expect('wide.pgm', array=wide)

def png(name, array, colour_type, depth, interlace=0, palette=None):
    """By hand, with every line filter in turn: PIL writes neither interlaced nor 16-bit colour."""
    height, width = array.shape[:2]
    samples = 1 if array.ndim == 2 else array.shape[2]
    passes = [(0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2)] if interlace else [(0, 1, 0, 1)]
    raw = b''
    for x0, dx, y0, dy in passes:
        part = array[y0::dy, x0::dx]
        if part.size == 0: continue
        above = None
        for n, line in enumerate(part):
            if depth < 8:
                bits = np.unpackbits(line.astype('u1')[:, None], axis=1)[:, 8 - depth:].ravel()
                line = np.packbits(bits)
            else: line = np.frombuffer(line.astype(f'>u{depth // 8}').tobytes(), 'u1')
            step = max(1, samples * depth // 8)
            if above is None: above = np.zeros_like(line)
            a = np.concatenate([np.zeros(step, 'u1'), line[:-step]]) if len(line) > step else np.zeros_like(line)
            c = np.concatenate([np.zeros(step, 'u1'), above[:-step]]) if len(line) > step else np.zeros_like(line)
            kind = n % 5
            ai, bi, ci = a.astype(int), above.astype(int), c.astype(int)
            p = ai + bi - ci
            paeth = np.where((abs(p - ai) <= abs(p - bi)) & (abs(p - ai) <= abs(p - ci)), ai, np.where(abs(p - bi) <= abs(p - ci), bi, ci))
            guess = [0 * ai, ai, bi, (ai + bi) // 2, paeth][kind]
            raw += bytes([kind]) + ((line.astype(int) - guess) % 256).astype('u1').tobytes()
            above = line
    def chunk(t, d): return struct.pack('>I', len(d)) + t + d + struct.pack('>I', zlib.crc32(t + d))
    body = b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, depth, colour_type, 0, 0, interlace))
    if palette is not None: body += chunk(b'PLTE', palette)
    body += chunk(b'IDAT', zlib.compress(raw)) + chunk(b'IEND', b'')
    with open(f'{out}/{name}', 'wb') as f: f.write(body)

png('interlaced.png', rgb, 2, 8, interlace=1); expect('interlaced.png', 'RGB')
wide_rgb = rgb.astype('u2') * 257 - (rgb > 9) * 3
png('rgb16.png', wide_rgb, 2, 16); expect('rgb16.png', array=(wide_rgb >> 8).astype('u1'))

ids = (y // 4 + x // 6).astype('u1'); ids[0, 0] = 255
palette = bytes(rng.integers(0, 256, 768).astype('u1'))
for name, array, kind, depth, interlace in [('mask_palette', ids, 3, 8, 0), ('mask_grey', ids, 0, 8, 0), ('mask_adam7', ids, 3, 8, 1),
                                           ('mask4', ids % 16, 3, 4, 0), ('mask2', ids % 4, 0, 2, 1), ('mask1', ids % 2, 0, 1, 0), ('mask16', ids.astype('u2') * 200, 0, 16, 0)]:
    png(f'{name}.png', array, kind, depth, interlace, palette[: 3 * 2 ** min(depth, 8)] if kind == 3 else None)
    np.save(f'{out}/{name}.ids.npy', array[..., None])

noise = rng.integers(0, 256, (29, 23, 3)).astype('u1')
Image.fromarray(noise).save(f'{out}/noise.png')
for h, w in [(16, 16), (40, 11), (29, 50)]:
    np.save(f'{out}/noise-{h}x{w}.npy', np.asarray(Image.fromarray(noise).resize((w, h), Image.BILINEAR)))

def bomb(name, width, height):
    def chunk(t, d): return struct.pack('>I', len(d)) + t + d + struct.pack('>I', zlib.crc32(t + d))
    with open(f'{out}/{name}', 'wb') as f: f.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(b'\0' * 1000)) + chunk(b'IEND', b''))
bomb('bomb.png', 30000, 30000)
Image.new('L', (9000, 9000)).save(f'{out}/bomb.webp')
Image.fromarray(rng.normal(size=(5, 5)).astype('f4')).save(f'{out}/float.tif')
