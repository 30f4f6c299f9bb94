#ifndef PALIMPSEST_CHDF5_SHIM_H
#define PALIMPSEST_CHDF5_SHIM_H
#include <hdf5.h>

// Macros of libhdf5 that hide casts or globals, as functions that Swift can see. They borrow: no identifier
// returned here may be closed.

static inline hid_t palimpsest_h5p_default(void) { return H5P_DEFAULT; }
static inline hid_t palimpsest_h5p_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t palimpsest_h5p_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t palimpsest_h5p_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t palimpsest_h5p_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t palimpsest_h5p_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t palimpsest_h5p_dataset_access(void) { return H5P_DATASET_ACCESS; }

static inline hid_t palimpsest_h5e_default(void) { return H5E_DEFAULT; }
static inline hid_t palimpsest_h5s_all(void) { return H5S_ALL; }
static inline size_t palimpsest_h5t_variable(void) { return H5T_VARIABLE; }
static inline haddr_t palimpsest_haddr_undefined(void) { return HADDR_UNDEF; }

static inline hid_t palimpsest_h5t_c_string(void) { return H5T_C_S1; }
static inline hid_t palimpsest_h5t_int8(void) { return H5T_STD_I8LE; }
static inline hid_t palimpsest_h5t_int16(void) { return H5T_STD_I16LE; }
static inline hid_t palimpsest_h5t_int32(void) { return H5T_STD_I32LE; }
static inline hid_t palimpsest_h5t_int64(void) { return H5T_STD_I64LE; }
static inline hid_t palimpsest_h5t_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t palimpsest_h5t_uint16(void) { return H5T_STD_U16LE; }
static inline hid_t palimpsest_h5t_uint32(void) { return H5T_STD_U32LE; }
static inline hid_t palimpsest_h5t_uint64(void) { return H5T_STD_U64LE; }
static inline hid_t palimpsest_h5t_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t palimpsest_h5t_float64(void) { return H5T_IEEE_F64LE; }

static inline unsigned palimpsest_h5f_accessor_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned palimpsest_h5f_accessor_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned palimpsest_h5f_accessor_truncate(void) { return H5F_ACC_TRUNC; }

// How many identifiers (files, datasets, groups, types, attributes) are open in the whole process.
static inline ssize_t palimpsest_h5f_open_count(void) { return H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL); }

#endif
