"""Writes the definitions of all operations that libtensorflow registers (a serialised OpList) to standard output.

Usage: op-registry.py FOLDER_OF_LIBTENSORFLOW
"""

import ctypes
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


class TFBuffer(ctypes.Structure):
    """TF_Buffer of tensorflow/c/tf_buffer.h."""

    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t), ("deallocator", ctypes.c_void_p)]


library = ctypes.CDLL(os.path.join(sys.argv[1], "libtensorflow_cc.so.2"))
library.TF_GetAllOpList.restype = ctypes.POINTER(TFBuffer)
buffer = library.TF_GetAllOpList().contents
sys.stdout.buffer.write(ctypes.string_at(buffer.data, buffer.length))
