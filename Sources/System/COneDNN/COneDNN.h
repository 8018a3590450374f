#include <oneapi/dnnl/dnnl.h>

// From OpenMP's <omp.h>, which only a compiler's own include path holds.
void omp_set_num_threads(int count);
