"""HDF5 files for hdf5.test.ts: every array by the oldest and by the newest format that the library has, and as npy; then what must be refused."""
import h5py, numpy as np, sys, os
out = sys.argv[1]
rng = np.random.default_rng(0)
arrays = {}
def keep(f, name, value, **how):
    f.create_dataset(name, data=value, **how)
    arrays[name] = value
def write(libver, tag):
    with h5py.File(f'{out}/{tag}.h5', 'w', libver=libver) as f:
        keep(f, 'u1', rng.integers(0, 256, (7, 5, 3)).astype('u1'))
        keep(f, 'i2_big', rng.integers(-999, 999, (6, 4)).astype('>i2'))
        keep(f, 'i8', rng.integers(-9, 9, 11).astype('i8'))
        keep(f, 'f2', rng.normal(size=(3, 4)).astype('f2'))
        keep(f, 'f4', rng.normal(size=(3, 4)).astype('f4'))
        keep(f, 'f8_big', rng.normal(size=(9, 4)).astype('>f8'))
        keep(f, 'scalar', np.float32(2.5))
        keep(f, 'boolean', np.array([True, False, True]))
        keep(f, 'chunks', rng.integers(0, 256, (50, 9, 7)).astype('u1'), chunks=(8, 4, 7))
        keep(f, 'gzip', rng.normal(size=(33, 5)).astype('f4'), chunks=(10, 3), compression='gzip', shuffle=True, fletcher32=True)
        keep(f, 'shuffled', rng.integers(0, 9999, (33, 5)).astype('i4'), chunks=(10, 3), shuffle=True)
        keep(f, 'odd_checksum', rng.integers(0, 256, (15, 3)).astype('u1'), chunks=(5, 3), fletcher32=True)
        keep(f, 'one_chunk', rng.normal(size=(4, 5)).astype('f4'), chunks=(4, 5), compression='gzip')
        keep(f, 'grows', rng.normal(size=(900, 2)).astype('f4'), chunks=(1, 2), maxshape=(None, 2))
        keep(f, 'grows_packed', rng.normal(size=(70, 6)).astype('f4'), chunks=(4, 2), maxshape=(None, 6), compression='gzip')
        keep(f, 'grows_second', rng.normal(size=(6, 70)).astype('f4'), chunks=(2, 4), maxshape=(6, None))
        keep(f, 'grows_both', rng.normal(size=(90, 80)).astype('f4'), chunks=(3, 2), maxshape=(None, None), compression='gzip')
        keep(f, 'bounded', rng.normal(size=(9, 5)).astype('f4'), chunks=(2, 2), maxshape=(20, 11))
        keep(f, 'many_chunks', rng.integers(0, 9, (2500, 1)).astype('u1'), chunks=(1, 1))
        d = f.create_dataset('sparse', (40, 6), 'f4', chunks=(4, 6), fillvalue=1.5, maxshape=(None, 6)); d[12:17] = 3
        arrays['sparse'] = d[()]
        d = f.create_dataset('page_gaps', (90000, 1), 'u1', chunks=(1, 1), maxshape=(None, 1), fillvalue=7); d[88000:88010] = 3
        arrays['page_gaps'] = d[()]
        d = f.create_dataset('fixed_gaps', (9000, 1), 'u1', chunks=(1, 1), fillvalue=7); d[8000:8010] = 3
        arrays['fixed_gaps'] = d[()]
        f.create_dataset('never', (4, 3), 'i4', fillvalue=-2)
        arrays['never'] = np.full((4, 3), -2, 'i4')
        f.create_dataset('empty', (0, 3), 'f4', chunks=(2, 3), maxshape=(None, 3))
        arrays['empty'] = np.zeros((0, 3), 'f4')
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE); compact.set_layout(h5py.h5d.COMPACT)
        low = h5py.h5d.create(f.id, b'compact', h5py.h5t.NATIVE_INT32, h5py.h5s.create_simple((5,)), compact)
        low.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(5, dtype='i4')); arrays['compact'] = np.arange(5, dtype='i4')
        named = np.dtype('<f4'); f['type'] = named
        f.create_dataset('of_named_type', data=np.arange(3, dtype='f4'), dtype=f['type']); arrays['of_named_type'] = np.arange(3, dtype='f4')
        f.create_dataset('text', data=np.array(['plus', 'disc', 'Äpfel', ''], dtype=object), dtype=h5py.string_dtype())
        f.create_dataset('bytes', data=np.array([b'ab', b'c', b'defg'], 'S4'))
        f.create_dataset('text_chunks', data=np.array(['n%d' % i for i in range(30)], dtype=object), dtype=h5py.string_dtype(), chunks=(7,), compression='gzip')
        g = f.create_group('deep/er'); keep(f, 'deep/er/x', np.arange(4, dtype='i4'))
        f['deep/again'] = f['deep/er/x']
        f.attrs['layer_names'] = [b'conv', b'dense']; f.attrs['backend'] = 'tensorflow'; f.attrs['version'] = np.int64(3)
        f.attrs['rates'] = np.array([0.5, 0.25]); f.attrs['nothing'] = h5py.Empty('f4')
        many = f.create_group('many_attributes')
        for i in range(60): many.attrs['name%d' % i] = 'value%d' % i
        wide = f.create_group('wide')
        for i in range(700): wide.create_dataset('a%04d' % i, data=np.int32(i))
        f['soft'] = h5py.SoftLink('/u1'); f['outside'] = h5py.ExternalLink('/etc/passwd', '/x')
    for name, value in arrays.items():
        os.makedirs(os.path.dirname(f'{out}/{tag}/{name}.npy'), exist_ok=True); np.save(f'{out}/{tag}/{name}.npy', value)
write('earliest', 'earliest'); write('latest', 'latest')

rng = np.random.default_rng(0)
with h5py.File(f'{out}/block.h5', 'w', userblock_size=1024) as f: f['x'] = np.arange(3, dtype='i4')
with open(f'{out}/secret.bin', 'wb') as f: f.write(bytes(range(256)))
with h5py.File(f'{out}/external.h5', 'w') as f: f.create_dataset('x', (16,), 'u1', external=[(f'{out}/secret.bin', 0, 16)])
with h5py.File(f'{out}/virtual.h5', 'w', libver='latest') as f:
    v = h5py.VirtualLayout((3,), 'i4'); v[:] = h5py.VirtualSource(f'{out}/block.h5', 'x', (3,)); f.create_virtual_dataset('x', v)
with h5py.File(f'{out}/lzf.h5', 'w') as f: f.create_dataset('x', data=np.arange(300), compression='lzf')
with h5py.File(f'{out}/scaleoffset.h5', 'w') as f: f.create_dataset('x', data=np.arange(300), scaleoffset=0)
with h5py.File(f'{out}/bomb.h5', 'w') as f: f.create_dataset('x', (10**9, 1000), 'f4', chunks=(1000, 1000), compression='gzip')
with h5py.File(f'{out}/wide_integers.h5', 'w') as f: f['x'] = np.array([1, 2**40])
with h5py.File(f'{out}/complex.h5', 'w') as f: f['x'] = np.zeros(3, 'c8')
with h5py.File(f'{out}/records.h5', 'w') as f: f['x'] = np.zeros(3, [('a', 'f4'), ('b', 'i4')])
with h5py.File(f'{out}/ragged.h5', 'w') as f:
    d = f.create_dataset('x', (2,), h5py.vlen_dtype('i4')); d[0] = [1]; d[1] = [1, 2]
with h5py.File(f'{out}/checked.h5', 'w') as f: f.create_dataset('x', data=np.arange(64, dtype='u1'), chunks=(64,), fletcher32=True)
